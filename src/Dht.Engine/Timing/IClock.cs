namespace Dht.Engine.Timing;

/// <summary>Where a driver gets its instants from. Read once per turn of the loop.</summary>
public interface IClock
{
    /// <summary>The current instant; never earlier than the last one that was returned.</summary>
    Instant Now { get; }
}
