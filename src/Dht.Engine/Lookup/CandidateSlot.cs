using Dht.Engine.Krpc;

namespace Dht.Engine.Lookup;

/// <summary>What a search keeps of one candidate.</summary>
internal struct CandidateSlot
{
    public CompactNode Contact;

    /// <summary>Tells this use of the slot from all earlier ones; half of the handle.</summary>
    public uint Serial;

    /// <summary>Which reply named it.</summary>
    public int Reply;

    /// <summary>The number of its query among all, from 1.</summary>
    public int AskedAs;

    /// <summary>In which pass over the candidates it was deferred last.</summary>
    public int DeferredIn;

    public CandidateState State;
    public byte Deferrals;

    /// <summary>Its queries that await their end.</summary>
    public byte Open;

    /// <summary>How often it was asked again because it was silent.</summary>
    public byte Repeats;
    public byte TokenLength;
    public bool IsEntry;

    /// <summary>Whether it was asked about its own neighbourhood.</summary>
    public bool IsProbed;
}
