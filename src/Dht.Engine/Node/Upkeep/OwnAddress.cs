using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>Our address in one family, as others see it, and when the id is to follow it (BEP 42).</summary>
/// <remarks>
/// <para>
/// An id that fits late is worse than one that fits at once: what others stored near the old one is lost, and they
/// hold the old one for minutes. So the first votes, within <see cref="EarlyTime"/>, are enough for the id, a few
/// networks that agree: a random id fits no address anyway, so a lie costs nothing there. What is said to be our
/// address, and every later change of the id, takes the quorum.
/// </para>
/// </remarks>
internal sealed partial class OwnAddress
{
    private const int EarlyIdsMax = 2;
    private const ushort NoPort = 1;

    private static readonly TimeSpan FitIntervalMin = TimeSpan.FromMinutes(5);

    private readonly AddressVote _vote;
    private readonly IRandomSource _random;
    private readonly bool _derivesId;
    private readonly ushort _boundPort;
    private Instant _fitDue;
    private Instant _earlyUntil = Instant.Never;
    private int _earlyIds;

    /// <param name="vote">What others say.</param>
    /// <param name="random">For ids.</param>
    /// <param name="derivesId">Whether the id is to follow the address.</param>
    /// <param name="boundPort">The port of the socket; 0 when it is not known.</param>
    public OwnAddress(AddressVote vote, IRandomSource random, bool derivesId, ushort boundPort)
    {
        _vote = vote;
        _random = random;
        _derivesId = derivesId;
        _boundPort = boundPort;
    }

    /// <summary>How long after the first vote the id may follow a few votes.</summary>
    public static TimeSpan EarlyTime { get; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The port that others most likely reach us at: what most of them see, or that of the socket.
    /// </summary>
    public ushort Port => _vote.TryGetPort(out ushort port) ? port : _boundPort == 0 ? NoPort : _boundPort;

    /// <summary>The address under which most others see us; false while too few have said so.</summary>
    public bool TryGetCurrent(out Endpoint address) => _vote.TryGetCurrent(out address);

    /// <summary>Takes an address as given; the id may follow at once.</summary>
    /// <param name="previous">The previous address; of no family when it was not known.</param>
    /// <returns>Whether it differs from the previous one; a different port alone is not a change.</returns>
    public bool Set(in Endpoint address, out Endpoint previous)
    {
        _vote.TryGetCurrent(out previous);
        _vote.Set(address);
        bool hasChanged = !previous.HasSameAddress(address);
        _fitDue = hasChanged ? Instant.Zero : _fitDue;
        return hasChanged;
    }

    /// <summary>Counts what a verified response says our address is: only a node that we asked can vote.</summary>
    /// <param name="voter">The node that says so.</param>
    /// <param name="observed">The endpoint that it sees us at.</param>
    /// <param name="now">The current instant.</param>
    /// <param name="previous">The previous address; of no family when it was not known.</param>
    /// <returns>Whether this vote has changed it.</returns>
    public bool Count(in Endpoint voter, in Endpoint observed, Instant now, out Endpoint previous)
    {
        _vote.TryGetCurrent(out previous);
        if (!_vote.TryCount(voter, observed, out bool hasChanged))
        {
            return false;
        }

        _earlyUntil = _earlyUntil == Instant.Never ? now + EarlyTime : _earlyUntil;
        return hasChanged;
    }

    /// <summary>
    /// Derives an id that fits our address, when the current one does not. Not twice within a while, because behind
    /// some NATs the address flaps.
    /// </summary>
    public bool TryDeriveId(in NodeId current, Instant now, out NodeId id)
    {
        id = default;
        if (!_derivesId || now < _fitDue)
        {
            return false;
        }

        bool isKnown = _vote.TryGetCurrent(out Endpoint address);
        bool isEarly = !isKnown && now <= _earlyUntil && _earlyIds < EarlyIdsMax && _vote.TryGetLikely(out address);
        if ((!isKnown && !isEarly) || SecureNodeId.IsValid(current, address))
        {
            // What the first votes said is confirmed: from now on the id keeps its while.
            _fitDue = isKnown && _fitDue == Instant.Zero ? now + FitIntervalMin : _fitDue;
            return false;
        }

        _earlyIds += isEarly ? 1 : 0;
        _fitDue = isEarly ? _fitDue : now + FitIntervalMin;
        id = SecureNodeId.Derive(address, _random);
        return true;
    }
}
