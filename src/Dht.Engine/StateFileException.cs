namespace Dht.Engine;

/// <summary>A <see cref="StateFile"/> cannot be used. The message is one sentence for people.</summary>
public sealed class StateFileException : IOException
{
    internal StateFileException(StateFileError error, string message, Exception? cause = null)
        : base(message, cause) => Error = error;

    /// <summary>Why.</summary>
    public StateFileError Error { get; }

    /// <summary>
    /// The process that keeps its state there, when the error is <see cref="StateFileError.InUse"/> and the process is
    /// known.
    /// </summary>
    public int? Owner { get; init; }
}
