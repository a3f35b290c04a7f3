namespace Dht.Cli;

/// <summary>The arguments make no sense together: one line, exit code 2.</summary>
internal sealed class UsageException : Exception
{
    public UsageException(string message)
        : base(message)
    {
    }
}
