using Dht.Engine.Addressing;

namespace Dht.Engine.Node;

/// <summary>
/// The vote about our own external address in one family (BEP 42: no single node is to be trusted with it). Fed from
/// verified replies only: the caller makes sure that each was the answer to a query of ours. Allocates only when
/// created; one thread.
/// </summary>
/// <remarks>
/// <para>
/// Each network (an IPv4 /24, an IPv6 /32) has one vote, its latest; ports do not count, for a NAT maps them. The votes
/// of the networks heard last are held, up to the capacity. An address becomes ours when a vote for it arrives and it
/// then has a quorum, and more than half of all votes held.
/// </para>
/// <para>
/// A change forgets the votes for all other addresses, and keeps those for the winner. So whatever follows is decided
/// by votes cast after it: the next change takes at least a quorum of them, and at most half the capacity and one, from
/// networks that all agree. Without new votes nothing changes back, and no stock of old ones is in the way of a true
/// change.
/// </para>
/// <para>
/// Liars that agree and have m networks win only if m is a quorum and more than half of the votes held: never against
/// as many honest networks whose votes are held. With the defaults they need 21 networks when they meet no others, 32
/// once honest votes have filled the places; and then those 32 must answer us while at most 31 honest networks do,
/// since only the latest are held.
/// </para>
/// </remarks>
internal sealed partial class AddressVote
{
    /// <summary>Votes for one address that a change takes at least.</summary>
    public const int QuorumDefault = 21;

    /// <summary>
    /// How many networks have their votes held. Odd, so that a full house can be divided without a tie.
    /// </summary>
    public const int CapacityDefault = 63;

    // Networks that must agree before anything at all is made of what they say.
    private const int FewVotes = 3;

    private readonly IAddressPolicy _policy;
    private readonly Vote[] _votes;
    private readonly int _quorum;
    private readonly bool _perEndpoint;
    private Endpoint _current;
    private long _cast;

    /// <param name="family">The family of all voters and of the address voted about.</param>
    /// <param name="policy">Addresses that it refuses cannot be ours.</param>
    /// <param name="quorum">
    /// Votes for one address that a change takes at least: 1 to <paramref name="capacity"/>.
    /// </param>
    /// <param name="capacity">How many votes are held; the oldest makes room.</param>
    /// <param name="perEndpoint">
    /// Every address with port is a voter of its own: for laboratories that have one network only.
    /// </param>
    public AddressVote(
        IpFamily family,
        IAddressPolicy policy,
        int quorum = QuorumDefault,
        int capacity = CapacityDefault,
        bool perEndpoint = false)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentOutOfRangeException.ThrowIfEqual((int)family, (int)IpFamily.None, nameof(family));
        ArgumentOutOfRangeException.ThrowIfLessThan(quorum, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, quorum);
        Family = family;
        _policy = policy;
        _quorum = quorum;
        _perEndpoint = perEndpoint;
        _votes = new Vote[capacity];
    }

    public IpFamily Family { get; }

    /// <summary>How many votes are held.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// Our address by the current vote; false when nothing is known. The port is that of the latest vote for the
    /// address: a hint, which any single voter can set.
    /// </summary>
    public bool TryGetCurrent(out Endpoint current)
    {
        current = _current;
        return current.Family != IpFamily.None;
    }

    /// <summary>
    /// The address that most of the first few voters agree on, before any has a quorum; false while fewer than three
    /// networks do.
    /// </summary>
    public bool TryGetLikely(out Endpoint likely)
    {
        int needed = Math.Min(FewVotes, _quorum);
        foreach (ref readonly Vote vote in _votes.AsSpan(0, Count))
        {
            int votes = VotesFor(vote.Observed);
            if (votes >= needed && votes > Count - votes)
            {
                likely = vote.Observed;
                return true;
            }
        }

        likely = default;
        return false;
    }

    /// <summary>The port that most voters see us at; false while fewer than three networks agree on one.</summary>
    public bool TryGetPort(out ushort port)
    {
        foreach (ref readonly Vote vote in _votes.AsSpan(0, Count))
        {
            port = vote.Observed.Port;
            int votes = 0;
            foreach (ref readonly Vote other in _votes.AsSpan(0, Count))
            {
                votes += other.Observed.Port == port ? 1 : 0;
            }

            if (port != 0 && votes >= FewVotes && votes > Count - votes)
            {
                return true;
            }
        }

        port = 0;
        return false;
    }

    /// <summary>Takes an address as configured. Later votes can change it as they can any other.</summary>
    /// <exception cref="ArgumentException">The address is not of this family.</exception>
    public void Set(in Endpoint address)
    {
        if (address.Family != Family)
        {
            throw new ArgumentException(
                $"{address} is not of the family {Family}; set it in the vote of its own family.", nameof(address));
        }

        Adopt(address);
    }

    /// <summary>
    /// Counts what a verified reply says our address is. False when it cannot be: another family than ours, or an
    /// address that the policy refuses.
    /// </summary>
    /// <param name="voter">The node that says so.</param>
    /// <param name="observed">The endpoint that it sees us at.</param>
    /// <param name="hasChanged">
    /// Whether this vote has changed our address; a different port alone is not a change.
    /// </param>
    public bool TryCount(in Endpoint voter, in Endpoint observed, out bool hasChanged)
    {
        hasChanged = false;
        Endpoint address = observed.Unmap();
        if (voter.Family != Family || address.Family != Family || _policy.Check(address) != AddressVerdict.Allowed)
        {
            return false;
        }

        _votes[PlaceFor(voter)] = new Vote(voter, address, ++_cast);
        if (_current.HasSameAddress(address))
        {
            _current = address;
            return true;
        }

        // A vote takes votes from other addresses, if from any: only the one it is for can have reached a majority by
        // it.
        int votes = VotesFor(address);
        if (votes >= _quorum && votes > Count - votes)
        {
            Adopt(address);
            hasChanged = true;
        }

        return true;
    }

    /// <summary>How many of the votes held are for this address.</summary>
    public int VotesFor(in Endpoint address)
    {
        int votes = 0;
        foreach (ref readonly Vote vote in _votes.AsSpan(0, Count))
        {
            votes += vote.Observed.HasSameAddress(address) ? 1 : 0;
        }

        return votes;
    }

    /// <summary>The place of the voter's vote, or a free one, or that of the oldest vote.</summary>
    private int PlaceFor(in Endpoint voter)
    {
        int oldest = 0;
        for (int i = 0; i < Count; i++)
        {
            ref readonly Vote vote = ref _votes[i];
            if (_perEndpoint ? vote.Voter == voter : MayBeSameOperator(vote.Voter, voter))
            {
                return i;
            }

            oldest = vote.Number < _votes[oldest].Number ? i : oldest;
        }

        return Count < _votes.Length ? Count++ : oldest;
    }

    /// <summary>
    /// Whether two voters may be the same operator: the same IPv4 /24 or IPv6 /32, because a /48 with its 65,536
    /// networks costs nothing.
    /// </summary>
    private static bool MayBeSameOperator(in Endpoint left, in Endpoint right) => left.IsIPv6
        ? right.IsIPv6 && left.UpperBits >> 32 == right.UpperBits >> 32
        : left.HasSameNetwork(right);

    private void Adopt(in Endpoint address)
    {
        _current = address;
        int kept = 0;
        foreach (ref readonly Vote vote in _votes.AsSpan(0, Count))
        {
            if (vote.Observed.HasSameAddress(address))
            {
                _votes[kept++] = vote;
            }
        }

        Count = kept;
    }

    // The number grows with each vote cast: the least is the oldest.
    private readonly record struct Vote(Endpoint Voter, Endpoint Observed, long Number);
}
