using Dht.Engine.Addressing;
using Dht.Engine.Lookup;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;

namespace Dht.Engine.Node;

/// <summary>Creates the lookups of a node, with all that each keeps for itself.</summary>
internal sealed class LookupFactory
{
    // Ten a second: as many lookups at once through the one router that is known take seconds to get by its limit.
    private const int DeferralsMax = 50;

    // A network has two of the results, a /48 three: a few more may be silent, or have a wrong port.
    private const int QueriesPerBlockMax = 8;

    // Three packets to a node that may be the only one known: after some seconds all have been answered, or none.
    private const int EntryRepeatsMax = 2;

    // The set of a family that the socket does not reach stays empty.
    private static readonly CandidateSetOptions NoCandidates = new()
    {
        K = 1,
        Alpha = 1,
        InFlightMax = 1,
        Capacity = 18,
        EntriesMax = 0,
        QueriesMax = 1,
    };

    private readonly CandidateSetOptions _candidates;
    private readonly NodeFamilies _families;
    private readonly NodeQueries _queries;
    private readonly LookupSeeds _seeds;
    private readonly AddressThrottle _blocks;
    private readonly GuardedLookupListener _listeners;
    private readonly NodeClock _clock;
    private readonly IRandomSource _random;

    public LookupFactory(
        NodeOptions options,
        NodeFamilies families,
        NodeQueries queries,
        LookupSeeds seeds,
        AddressThrottle blocks,
        GuardedLookupListener listeners,
        NodeClock clock,
        IRandomSource random)
    {
        _candidates = new CandidateSetOptions
        {
            K = options.ContactsPerReply,
            Alpha = options.LookupParallelism,
            Window = options.LookupWindow,
            RepeatsMax = options.LookupRepeats,
            EntriesMax = NodeOptions.EntriesMax,
            AllowSharedAddresses = options.Table.AllowSharedAddresses,
            LimitsNetworks = true,
            QueriesPerBlockMax = QueriesPerBlockMax,
            EntryRepeatsMax = Math.Min(options.LookupRepeats, EntryRepeatsMax),
            DeferralsMax = DeferralsMax,
        };
        _families = families;
        _queries = queries;
        _seeds = seeds;
        _blocks = blocks;
        _listeners = listeners;
        _clock = clock;
        _random = random;
    }

    /// <summary>Creates the lookup of a place.</summary>
    public NodeLookup Create(NodeLookups owner, int place) =>
        new(owner, place, _clock, _seeds, _listeners, CreateHalf);

    private LookupHalf CreateHalf(IQueryListener listener, IpFamily family)
    {
        NodeFamily side = _families.Of(family);
        var set = new CandidateSet(side.IsReached ? _candidates : NoCandidates, _random);
        return new LookupHalf(new FamilySearch(side, set, _queries, _seeds, _blocks, listener));
    }
}
