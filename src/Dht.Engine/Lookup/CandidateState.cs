namespace Dht.Engine.Lookup;

/// <summary>Where a candidate stands in a search. One that failed has left: its slot is free.</summary>
internal enum CandidateState : byte
{
    Free,

    /// <summary>Not asked yet, or deferred.</summary>
    Fresh,

    /// <summary>Asked, within its short timeout.</summary>
    InFlight,

    /// <summary>Asked, past its short timeout; may still answer.</summary>
    Late,

    Answered,
}
