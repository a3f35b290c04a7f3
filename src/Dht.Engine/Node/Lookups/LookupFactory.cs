using Dht.Engine.Addressing;
using Dht.Engine.Lookup;
using Dht.Engine.Randomness;

namespace Dht.Engine.Node;

/// <summary>Creates the lookups of a node, with all that each keeps for itself.</summary>
internal sealed class LookupFactory
{
    // Ten a second: as many lookups at once through the one router that is known take seconds to get by its limit.
    private const int DeferralsMax = 50;

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
    private readonly GuardedLookupListener _listeners;
    private readonly NodeClock _clock;
    private readonly IRandomSource _random;

    public LookupFactory(
        NodeOptions options,
        NodeFamilies families,
        NodeQueries queries,
        LookupSeeds seeds,
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
            DeferralsMax = DeferralsMax,
        };
        _families = families;
        _queries = queries;
        _seeds = seeds;
        _listeners = listeners;
        _clock = clock;
        _random = random;
    }

    /// <summary>Creates the lookup of a place.</summary>
    public NodeLookup Create(NodeLookups owner, int place) =>
        new(owner, place, _clock, _seeds, _listeners, CreateSearch);

    private FamilySearch CreateSearch(IQueryListener listener, IpFamily family)
    {
        NodeFamily side = _families.Of(family);
        var set = new CandidateSet(side.IsReached ? _candidates : NoCandidates, _random);
        return new FamilySearch(side, set, _queries, _seeds, listener);
    }
}
