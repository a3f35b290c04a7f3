using Dht.Engine.Invariants;

namespace Dht.Engine.Crawling;

/// <summary>
/// What a crawl remembers of its dealings with a node, in one byte of its record: [ retries 3 bits | answered 1 |
/// step 4 ].
/// </summary>
/// <remarks>
/// <code>
///   Heard --------------+----- throttled ----> Queued (Owed when the ring is full)
///                       |                         |  ^
///   +-> Silent, Refused-+                    sent |  | worth more
///   |                   |                         v  |
///   |                   +------- sent ---------> Asking --------> Done
///   |                                               |
///   +--------------- no answer, an error -----------+
/// </code>
/// While its address has had its share, a Queued node goes back to the end of the ring, and an Owed one there as soon
/// as there is room. A query that the system did not send, or that nobody at all could answer because the line was
/// down, counts as not asked: the node goes from Asking back to Owed or Queued. Every step but Asking leads to Done as
/// well: when nothing may be sent there, or the address of a silent node is crowded. When all are Done, those that may
/// answer by now can be taken up again: the silent, and those that the crawl began at.
/// </remarks>
/// <param name="Value">The byte.</param>
internal readonly record struct CrawlState(byte Value)
{
    /// <summary>The most retries that the upper three bits can count.</summary>
    public const int RetriesMax = 7;

    private const byte StepMask = 0x0F;
    private const byte AnsweredBit = 0x10;
    private const int RetryShift = 5;

    /// <summary>Where the node is in the crawl.</summary>
    public CrawlStep Step => (CrawlStep)(Value & StepMask);

    /// <summary>Whether the node has answered before.</summary>
    public bool HasAnswered => (Value & AnsweredBit) != 0;

    /// <summary>How often the node was asked again after silence.</summary>
    public int Retries => Value >> RetryShift;

    /// <summary>The same node at its next step.</summary>
    public CrawlState To(CrawlStep step)
    {
        Invariant.Holds(Leads(Step, step), "a node goes from step to step as the diagram shows");
        return new CrawlState((byte)((Value & ~StepMask) | (byte)step));
    }

    /// <summary>Notes that the node has answered.</summary>
    public CrawlState WithAnswer()
    {
        Invariant.Holds(Step == CrawlStep.Asking, "only a node that is being asked answers");
        return new CrawlState((byte)(Value | AnsweredBit));
    }

    /// <summary>Counts one more retry.</summary>
    public CrawlState WithRetry()
    {
        Invariant.Holds(Step == CrawlStep.Silent, "only a silent node is retried");
        Invariant.Holds(Retries < RetriesMax, "the retries fit into three bits");
        return new CrawlState((byte)(Value + (1 << RetryShift)));
    }

    private static bool Leads(CrawlStep from, CrawlStep to) => from switch
    {
        CrawlStep.Asking => to is not (CrawlStep.Heard or CrawlStep.Asking),
        CrawlStep.Heard or CrawlStep.Queued or CrawlStep.Owed or CrawlStep.Silent or CrawlStep.Refused =>
            to is CrawlStep.Asking or CrawlStep.Queued or CrawlStep.Owed or CrawlStep.Done,
        CrawlStep.Done => to is CrawlStep.Queued or CrawlStep.Silent,
        _ => false,
    };
}
