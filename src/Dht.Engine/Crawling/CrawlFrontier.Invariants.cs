using Dht.Engine.Invariants;

namespace Dht.Engine.Crawling;

/// <content>What must be true of the frontier between two steps of a crawl.</content>
internal sealed partial class CrawlFrontier
{
    /// <summary>
    /// Walks all nodes: the counts are theirs, the ring holds those that are queued, the sketch what they were sent.
    /// </summary>
    internal void CheckInvariants()
    {
        var walked = default(StepCounts);
        foreach (FamilyFrontier family in _families)
        {
            family.CheckInvariants();
            for (int index = 0; index < family.Known.Count; index++)
            {
                KnownNode node = family.Known[index];
                walked[(int)node.State.Step]++;
                Invariant.Holds(node.State.Retries <= _silentRetries, "no node is retried too often");
                Invariant.Holds(node.Asks > 0 || IsUnasked(node.State), "a node that was not asked has not answered");
            }
        }

        ReadOnlySpan<int> counted = _nodesAt;
        ReadOnlySpan<int> found = walked;
        Invariant.Holds(counted.SequenceEqual(found), "the counts by step are those of the nodes");
        CheckRing();
        bool isOver = !HasNew && !HasQueued && CountAt(CrawlStep.Silent) == 0 && CountAt(CrawlStep.Asking) == 0;
        Invariant.Holds(!IsExhausted || isOver, "an exhausted frontier has nothing but what cannot be sent");
        CheckRefusals();
        CheckSketch();
    }

    private void CheckRefusals()
    {
        long refusing = 0;
        long unheard = 0;
        foreach (FamilyFrontier family in _families)
        {
            for (int index = 0; index < family.Known.Count; index++)
            {
                KnownNode node = family.Known[index];
                Invariant.Holds(
                    node.State.Step != CrawlStep.Refused || node.Refusals is > 0 and < RefusalsMax,
                    "a node that is asked again after an error has not refused too often");
                refusing += node is { State.HasAnswered: false, Refusals: > 0 } ? 1 : 0;
                unheard += node is { State.HasAnswered: false, Refusals: RefusalsMax } ? 1 : 0;
            }
        }

        Invariant.Holds(refusing == NodesRefusing, "those that only refuse are counted");
        Invariant.Holds(unheard == NodesUnheard, "those that refused to the end are counted");
    }

    /// <summary>Nodes at a step.</summary>
    internal int CountAt(CrawlStep step) => _nodesAt[(int)step];

    /// <summary>Nodes that have answered, and how often all were asked.</summary>
    internal long CountAsked(out long asks)
    {
        long answered = 0;
        asks = 0;
        foreach (FamilyFrontier family in _families)
        {
            for (int index = 0; index < family.Known.Count; index++)
            {
                KnownNode node = family.Known[index];
                answered += node.State.HasAnswered ? 1 : 0;
                asks += node.Asks;
            }
        }

        return answered;
    }

    // One that nothing may be sent to is done without a query.
    private static bool IsUnasked(CrawlState state) =>
        state is { HasAnswered: false, Retries: 0, Step: not (CrawlStep.Asking or CrawlStep.Silent) };

    private void CheckRing()
    {
        _ring.CheckInvariants();
        Invariant.Holds(_ring.Count == CountAt(CrawlStep.Queued), "as many nodes are queued as the ring holds");
        var met = new HashSet<int>();
        for (int i = 0; i < _ring.Count; i++)
        {
            int handle = _ring.ItemAt(i);
            int count = _families[FamilyFrontier.BitOf(handle)].Known.Count;
            Invariant.Holds((uint)FamilyFrontier.IndexOf(handle) < (uint)count, "what is in the ring is known");
            Invariant.Holds(this[handle].State.Step == CrawlStep.Queued, "a node in the ring is queued");
            Invariant.Holds(met.Add(handle), "a node is in the ring once");
        }
    }

    private void CheckSketch()
    {
        UnansweredSketch fresh = _sketch.CreateEmpty();
        CountInto(fresh);
        Invariant.Holds(_sketch.CountsLike(fresh), "the sketch counts every node and every retry");
    }
}
