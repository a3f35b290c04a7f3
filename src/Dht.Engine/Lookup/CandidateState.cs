namespace Dht.Engine.Lookup;

/// <summary>How far a candidate of a search has come. One that failed has left: its slot is free.</summary>
internal enum CandidateState : byte
{
    Free,

    /// <summary>Not asked yet, or deferred.</summary>
    Fresh,

    /// <summary>Asked, within its short timeout.</summary>
    InFlight,

    /// <summary>Asked, past its short timeout; may still answer.</summary>
    Late,

    /// <summary>One of the closest that answered; never an entry point.</summary>
    Answered,

    /// <summary>
    /// Answered, near, and of no use as a result: a search for those that take an announcement has met one that does
    /// not. It takes no place of the closest. Never an entry point.
    /// </summary>
    Bystander,
}
