using System.Runtime.CompilerServices;
using Dht.Engine.Addressing;
using Dht.Engine.Krpc;

namespace Dht.Engine.Crawling;

/// <summary>
/// Every node that a crawl has met, and which is to be asked next: those in the ring, then those not asked yet, and
/// when both are used up and all queries are settled, those of a pass: <see cref="CrawlPasses"/>.
/// </summary>
/// <remarks>
/// The steps of a node (<see cref="CrawlState"/>) are taken here and nowhere else, so the counts by step are always
/// right. Allocates only when created and when the known set outgrows what was expected; one thread.
/// </remarks>
internal sealed partial class CrawlFrontier
{
    /// <summary>Nodes that can wait in the ring.</summary>
    public const int RingCapacity = 65_536;

    // A node that is asked for weeks must not be asked more often than its record can count.
    private const int AsksCounted = 200;

    // Liars name addresses that no machine can send to, and no policy knows them all: one node in so many may be such.
    private const int UnsendableShare = 100;

    private readonly FamilyFrontier[] _families;
    private readonly UnansweredSketch _sketch;
    private readonly IntRing _ring;
    private int _silentRetries;
    private StepCounts _nodesAt;
    private CrawlStep _sought;
    private bool _isScanning;

    public CrawlFrontier(CrawlOptions options, EndpointHasher hasher, int ringCapacity = RingCapacity)
    {
        _families =
        [
            new FamilyFrontier(IpFamily.IPv4, options.ExpectedNodes, options.KnownNodesMax, hasher),
            new FamilyFrontier(IpFamily.IPv6, 0, options.KnownNodesMax, hasher),
        ];
        _sketch = new UnansweredSketch(options.ExpectedNodes, options.NodesPerAddressMax, hasher);
        _ring = new IntRing(ringCapacity);
        _silentRetries = options.SilentRetries;
    }

    /// <summary>No node is asked again after more refusals than this.</summary>
    public const int RefusalsMax = 3;

    /// <summary>Whether no node is left that can be asked. A node that is met later ends that.</summary>
    public bool IsExhausted { get; private set; }

    /// <summary>
    /// Whether every node was asked as often as it was due, but for the odd address that nothing can be sent to. A node
    /// that is met later ends that; asking the silent once more does not.
    /// </summary>
    public bool IsSwept { get; private set; }

    /// <summary>Nodes that have answered with errors alone.</summary>
    public long NodesRefusing { get; private set; }

    /// <summary>Of these, those that were asked as often as may be, and might have answered later still.</summary>
    public long NodesUnheard { get; private set; }

    /// <summary>Nodes met.</summary>
    public long NodesSeen
    {
        get
        {
            long nodes = 0;
            foreach (FamilyFrontier family in _families)
            {
                nodes += family.Known.Count;
            }

            return nodes;
        }
    }

    /// <summary>Nodes that were given up because nothing can be sent to them from here.</summary>
    public long NodesUnsendable => IsExhausted ? _nodesAt[(int)CrawlStep.Owed] : 0;

    /// <summary>Nodes still to be asked, for the first time or again.</summary>
    public long Remaining => (long)_nodesAt[(int)CrawlStep.Heard] + _nodesAt[(int)CrawlStep.Queued]
        + (IsExhausted ? 0 : _nodesAt[(int)CrawlStep.Owed]) + _nodesAt[(int)CrawlStep.Silent]
        + _nodesAt[(int)CrawlStep.Refused];

    /// <summary>Whether a node has not been asked yet.</summary>
    public bool HasNew => _nodesAt[(int)CrawlStep.Heard] > 0;

    /// <summary>Whether a node waits in the ring.</summary>
    public bool HasQueued => _ring.Count > 0;

    /// <summary>Whether no node can be taken until the next pass begins.</summary>
    public bool IsUsedUp => !HasQueued && !HasNew && !_isScanning;

    /// <summary>Bytes of all that grows with the network.</summary>
    public long MemoryBytes
    {
        get
        {
            long bytes = _sketch.MemoryBytes + ((long)sizeof(int) * _ring.Capacity);
            foreach (FamilyFrontier family in _families)
            {
                bytes += family.Known.MemoryBytes;
            }

            return bytes;
        }
    }

    /// <summary>The record of a node.</summary>
    public KnownNode this[int handle] => _families[FamilyFrontier.BitOf(handle)].Known[FamilyFrontier.IndexOf(handle)];

    /// <summary>The node that was met last.</summary>
    public int Newest { get; private set; }

    /// <summary>The hash of an endpoint, for <see cref="TryLearn"/>.</summary>
    public ulong HashOf(in Endpoint endpoint) => SetFor(endpoint).HashOf(endpoint);

    /// <summary>Has the memory that contacts will be looked up in fetched for all of them at once.</summary>
    /// <param name="contacts">A list is of one family.</param>
    /// <param name="hashes">Receives the hashes of as many contacts as it is long.</param>
    public void LookAhead(CompactNodes contacts, Span<ulong> hashes)
    {
        if (hashes.IsEmpty)
        {
            return;
        }

        KnownSet known = SetFor(contacts[0].Endpoint);
        for (int i = 0; i < hashes.Length; i++)
        {
            Endpoint endpoint = contacts[i].Endpoint;
            hashes[i] = known.HashOf(endpoint);
            known.PrefetchPlace(hashes[i]);
            _sketch.Prefetch(endpoint);
        }

        foreach (ulong hash in hashes)
        {
            known.PrefetchRecord(hash);
        }
    }

    /// <summary>Adds a node that was named, unless it is known or there is no room for it.</summary>
    public LearnOutcome TryLearn(in Endpoint endpoint, ulong hash, ulong idPrefix, uint firstSeen)
    {
        KnownSet known = SetFor(endpoint);
        if (!_sketch.HasRoom(endpoint))
        {
            return known.IndexOf(endpoint) == KnownSet.None ? LearnOutcome.Crowded : LearnOutcome.Known;
        }

        if (!known.TryAdd(endpoint, hash, idPrefix, firstSeen, out int node))
        {
            return node == KnownSet.None ? LearnOutcome.Full : LearnOutcome.Known;
        }

        Newest = FamilyFrontier.HandleOf(node, endpoint.Family);
        _nodesAt[(int)CrawlStep.Heard]++;
        IsExhausted = false;
        IsSwept = false;
        _sketch.Add(endpoint);
        if (_sketch.IsSaturated)
        {
            _sketch.Grow();
            CountInto(_sketch);
        }

        return LearnOutcome.New;
    }

    /// <summary>Takes the node that has waited longest in the ring.</summary>
    public bool TryTakeQueued(out int handle) => _ring.TryDequeue(out handle);

    /// <summary>Takes the next node that has not been asked yet.</summary>
    public bool TryTakeNew(out int handle)
    {
        foreach (FamilyFrontier family in _families)
        {
            if (family.TryTakeNew(out handle))
            {
                return true;
            }
        }

        handle = 0;
        return false;
    }

    /// <summary>Whether a node is at a step.</summary>
    public bool HasAny(CrawlStep step) => _nodesAt[(int)step] > 0;

    /// <summary>A query to a node that was taken is on its way.</summary>
    public void OnAsked(int handle)
    {
        KnownNode node = this[handle];
        node.Asks++;
        Move(node, CrawlStep.Asking);
    }

    /// <summary>A node is to be asked, when its turn comes again.</summary>
    public void Queue(int handle) => Move(this[handle], _ring.TryEnqueue(handle) ? CrawlStep.Queued : CrawlStep.Owed);

    /// <summary>A node cannot be asked for now; it is found by a later pass.</summary>
    public void PutOff(int handle) => Move(this[handle], CrawlStep.Owed);

    /// <summary>The last query to a node counts as not asked: it is to be asked when its turn comes again.</summary>
    public void TakeBack(int handle)
    {
        this[handle].Asks--;
        Queue(handle);
    }

    /// <summary>The system did not send the last query to a node: it is found by a later pass.</summary>
    public void TakeUnsent(int handle)
    {
        this[handle].Asks--;
        PutOff(handle);
    }

    /// <summary>A node is not to be asked again.</summary>
    public void Finish(int handle) => Move(this[handle], CrawlStep.Done);

    /// <summary>A node has answered.</summary>
    /// <param name="handle">The node.</param>
    /// <param name="isWorthMore">Whether it is to be asked again.</param>
    public void OnAnswered(int handle, bool isWorthMore)
    {
        KnownNode node = this[handle];
        if (!node.State.HasAnswered)
        {
            NodesRefusing -= node.Refusals > 0 ? 1 : 0;
            NodesUnheard -= node.Refusals == RefusalsMax ? 1 : 0;
        }

        node.State = node.State.WithAnswer();
        if (isWorthMore)
        {
            Queue(handle);
        }
        else
        {
            Move(node, CrawlStep.Done);
        }
    }

    /// <summary>A node has not answered.</summary>
    public void OnUnanswered(int handle)
    {
        KnownNode node = this[handle];
        Move(node, node.State.Retries < _silentRetries ? CrawlStep.Silent : CrawlStep.Done);
    }

    /// <summary>A node has answered with an error.</summary>
    /// <param name="handle">The node.</param>
    /// <param name="mayAnswerLater">Whether the error leaves hope.</param>
    /// <returns>How often it has refused if it is to be asked again; 0 if it is not.</returns>
    public int OnRefused(int handle, bool mayAnswerLater)
    {
        KnownNode node = this[handle];
        int before = node.Refusals;
        int after = Math.Min(RefusalsMax, mayAnswerLater ? before + 1 : Math.Max(1, before));
        node.Refusals = after;
        if (!node.State.HasAnswered)
        {
            NodesRefusing += before == 0 ? 1 : 0;
            NodesUnheard += before < RefusalsMax && after == RefusalsMax ? 1 : 0;
        }

        bool isAskedAgain = mayAnswerLater && after < RefusalsMax;
        Move(node, isAskedAgain ? CrawlStep.Refused : CrawlStep.Done);
        return isAskedAgain ? after : 0;
    }

    private KnownSet SetFor(in Endpoint endpoint) => _families[FamilyFrontier.BitOf(endpoint.Family)].Known;

    /// <summary>The one door through which a node goes from step to step.</summary>
    private void Move(KnownNode node, CrawlStep step)
    {
        CrawlState state = node.State;
        node.State = state.To(step);
        _nodesAt[(int)state.Step]--;
        _nodesAt[(int)step]++;
    }

    private void CountInto(UnansweredSketch sketch)
    {
        foreach (FamilyFrontier family in _families)
        {
            KnownSet known = family.Known;
            for (int index = 0; index < known.Count; index++)
            {
                KnownNode node = known[index];
                sketch.Add(node.Endpoint, 1 + node.State.Retries);
            }
        }
    }

    [InlineArray((int)CrawlStep.Done + 1)]
    private struct StepCounts
    {
        private int _first;
    }
}
