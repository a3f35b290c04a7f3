namespace Dht.Engine.Lookup;

/// <summary>What was asked of one candidate.</summary>
internal struct AskRecord
{
    /// <summary>
    /// The number of its query among all of the search, from 1; of the last one that was not a repeat. 0 when it was
    /// not asked.
    /// </summary>
    public int AskedAs;

    /// <summary>In which pass over the candidates it was deferred last.</summary>
    public int DeferredIn;

    public byte Deferrals;

    /// <summary>Its queries that await their end.</summary>
    public byte Open;

    /// <summary>How often it was asked again because it was silent.</summary>
    public byte Repeats;

    /// <summary>How often it refused, to be asked again later.</summary>
    public byte Refusals;

    /// <summary>Whether it is too early to ask it again.</summary>
    public bool IsHeld;
}
