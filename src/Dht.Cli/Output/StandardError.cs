namespace Dht.Cli.Output;

/// <summary>
/// Lines for people on standard error. That it is closed or its terminal is gone is no reason to lose what is being
/// gathered, so lines that cannot be written are dropped.
/// </summary>
internal static class StandardError
{
    public static void WriteLine(string line)
    {
        try
        {
            Console.Error.WriteLine(line);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // There is nowhere left to say it.
        }
    }
}
