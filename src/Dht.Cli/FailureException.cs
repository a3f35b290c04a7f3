namespace Dht.Cli;

/// <summary>
/// It ran and failed, for a reason that the user can understand and perhaps mend: one line, exit code 1.
/// </summary>
internal sealed class FailureException : Exception
{
    public FailureException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }
}
