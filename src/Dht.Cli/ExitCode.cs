namespace Dht.Cli;

/// <summary>What the process says to its caller; scripts rely on it.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>It ran and failed; one line on standard error says why.</summary>
    public const int Failed = 1;

    public const int BadArguments = 2;

    /// <summary>Asked to stop by Ctrl-C or a signal, after writing out what was gathered.</summary>
    public const int Interrupted = 130;
}
