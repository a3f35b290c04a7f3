using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Lookup;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// One family's side of a lookup: which nodes it asks there, and what it asks (BEP 32: each family has candidates of
/// its own).
/// </summary>
internal sealed class FamilySearch
{
    private readonly NodeFamily _family;
    private readonly CandidateSet _set;
    private readonly NodeQueries _queries;
    private readonly LookupSeeds _seeds;
    private readonly AddressThrottle _blocks;
    private readonly IQueryListener _listener;
    private NodeId _target;
    private LookupKind _kind;
    private LookupCookie _use;

    /// <param name="family">The family, with our id and table there.</param>
    /// <param name="set">The candidates; of this search alone.</param>
    /// <param name="queries">Sends the queries.</param>
    /// <param name="seeds">Which contacts to begin with, and which not to ask.</param>
    /// <param name="blocks">How many queries of all lookups a block of addresses may have.</param>
    /// <param name="listener">The lookup.</param>
    public FamilySearch(
        NodeFamily family,
        CandidateSet set,
        NodeQueries queries,
        LookupSeeds seeds,
        AddressThrottle blocks,
        IQueryListener listener)
    {
        _family = family;
        _set = set;
        _queries = queries;
        _seeds = seeds;
        _blocks = blocks;
        _listener = listener;
    }

    public CandidateSet Candidates => _set;

    /// <summary>
    /// Whether no node is left to ask or to wait for. An announcement is worth waiting for those who answer late: it is
    /// to be found where others will look for it.
    /// </summary>
    public bool IsOver => _kind == LookupKind.Announce ? _set.IsSettled : _set.IsComplete;

    public void Begin(in LookupRequest request, LookupCookie use)
    {
        _target = request.Target;
        _kind = request.Kind;
        _use = use.For(_family.Family);

        // The node's own lookups have time.
        _set.Begin(
            request.Target,
            _family.Id,
            isModest: request.Kind == LookupKind.Upkeep,
            isAwaited: request.Listener != null);
        _seeds.Seed(_set, _family, request);
    }

    /// <summary>Puts the contacts of an answer among the candidates; how many the address policy refuses.</summary>
    public int Offer(CompactNodes contacts) => _seeds.Offer(_set, _family, contacts, _kind);

    /// <summary>Asks those who are next.</summary>
    /// <param name="pauses">Takes those whose block of addresses has had its share just now.</param>
    /// <param name="isEarly">Whether those that could not be asked before still have to wait.</param>
    /// <param name="now">The current instant.</param>
    public HoldUp Ask(LookupPauses pauses, bool isEarly, Instant now)
    {
        // The second call is for one that was held up in an earlier step: it comes back only after a false, and may be
        // the last.
        bool isHeldUp = false;
        while (_set.TryTakeNext(out Candidate candidate, isEarly || isHeldUp)
            || (!isEarly && !isHeldUp && _set.TryTakeNext(out candidate)))
        {
            if (candidate.HasId && !_blocks.HasRoom(candidate.Endpoint.BlockOf(NetworkBlock.Organisation), now))
            {
                Postpone(candidate, pauses, now);
                continue;
            }

            switch (Ask(candidate, now))
            {
                case AskResult.Sent:
                    break;
                case AskResult.Forbidden:
                    _set.MarkFailed(candidate.Handle);
                    break;
                case AskResult.Throttled:
                    _set.Defer(candidate.Handle);
                    isHeldUp = true;
                    break;
                default:
                    _set.Defer(candidate.Handle);
                    return HoldUp.Busy;
            }
        }

        return isHeldUp ? HoldUp.Throttled : HoldUp.None;
    }

    /// <summary>Asks those of the nearest again that are silent.</summary>
    public void AskAgain(Instant now)
    {
        while (_set.TryTakeAgain(out Candidate candidate))
        {
            if (Ask(candidate, now) != AskResult.Sent)
            {
                _set.GiveUpRepeat(candidate.Handle);
            }
        }
    }

    /// <summary>Asks one of the nearest about a neighbourhood.</summary>
    public AskResult Probe(in Candidate candidate, in NodeId target, int number, Instant now) => _queries.FindNode(
        candidate.Endpoint,
        Expectation.Only(candidate.Id),
        target,
        _queries.Want,
        now,
        _listener,
        _use.ForProbe(number).Bits);

    /// <summary>Asks one of the nearest for another token.</summary>
    /// <param name="index">Which of the nearest.</param>
    /// <param name="now">The current instant.</param>
    public AskResult AskForToken(int index, Instant now)
    {
        CompactNode contact = _set.ClosestAt(index);
        return _queries.GetPeers(
            contact.Endpoint,
            Expectation.Of(contact.Id),
            InfoHash.FromNodeId(_target),
            _queries.Want,
            now,
            _listener,
            _use.ForAnnouncement(index, isForToken: true).Bits);
    }

    /// <summary>Shows one of the nearest the token that it gave.</summary>
    /// <param name="index">Which of the nearest.</param>
    /// <param name="port">Where the peer listens; 0 means the source port of the datagram.</param>
    public AskResult Announce(int index, ushort port, Instant now)
    {
        ReadOnlySpan<byte> token = _set.TokenAt(index);
        if (token.IsEmpty)
        {
            return AskResult.Forbidden;
        }

        CompactNode contact = _set.ClosestAt(index);
        return _queries.AnnouncePeer(
            contact.Endpoint,
            Expectation.Of(contact.Id),
            InfoHash.FromNodeId(_target),
            port,
            token,
            now,
            _listener,
            _use.ForAnnouncement(index).Bits);
    }

    private void Postpone(in Candidate candidate, LookupPauses pauses, Instant now)
    {
        if (_set.Postpone(candidate.Handle) && !pauses.TryAdd(candidate.Handle, now))
        {
            _set.MarkFailed(candidate.Handle);
        }
    }

    private AskResult Ask(in Candidate candidate, Instant now)
    {
        Expectation expected = candidate.HasId ? Expectation.Of(candidate.Id) : Expectation.Anybody;
        long cookie = _use.ForCandidate(candidate.Handle).Bits;
        AskResult result = _kind is LookupKind.GetPeers or LookupKind.Announce
            ? _queries.GetPeers(
                candidate.Endpoint, expected, InfoHash.FromNodeId(_target), _queries.Want, now, _listener, cookie)
            : _queries.FindNode(candidate.Endpoint, expected, _target, _queries.Want, now, _listener, cookie);
        if (result == AskResult.Sent && candidate.HasId)
        {
            // Counted only now: one that could not be sent must not take the place of another.
            _blocks.TryPass(candidate.Endpoint.BlockOf(NetworkBlock.Organisation), now);
        }

        return result;
    }
}
