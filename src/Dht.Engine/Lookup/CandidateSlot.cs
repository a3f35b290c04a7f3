using Dht.Engine.Krpc;

namespace Dht.Engine.Lookup;

/// <summary>What a search keeps of one candidate, besides its state.</summary>
internal struct CandidateSlot
{
    public CompactNode Contact;

    /// <summary>Tells this use of the slot from all earlier ones; half of the handle.</summary>
    public uint Serial;

    /// <summary>Which reply named it.</summary>
    public int Reply;

    public byte TokenLength;

    /// <summary>Whether only its endpoint is known, such as that of a router.</summary>
    public bool IsEntry;
}
