using Dht.Engine.Timing;

namespace Dht.Engine;

/// <summary>What came of saving the node's state to <see cref="DhtEngineOptions.StatePath"/>. Immutable.</summary>
public sealed record StateSave
{
    /// <summary>Whether the file holds the state now. If not, it is as it was before.</summary>
    public bool IsSaved => Fault == null;

    /// <summary>The file, absolute.</summary>
    public required string Path { get; init; }

    /// <summary>Contacts in the state.</summary>
    public required int Contacts { get; init; }

    /// <summary>When the state was captured, by the engine's clock; the file was written a moment later.</summary>
    public required Instant CapturedAt { get; init; }

    /// <summary>Why it could not be saved; null when it was.</summary>
    public Exception? Fault { get; init; }

    /// <summary>What happened, in one sentence for people.</summary>
    public string Message => Fault?.Message ?? $"The state at {Path} has {Contacts} contacts.";
}
