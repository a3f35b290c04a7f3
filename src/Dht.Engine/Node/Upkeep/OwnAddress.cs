using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>Our address in one family, as others see it, and when the id is to follow it (BEP 42).</summary>
internal sealed partial class OwnAddress
{
    private static readonly TimeSpan FitIntervalMin = TimeSpan.FromMinutes(5);

    private readonly AddressVote _vote;
    private readonly IRandomSource _random;
    private readonly bool _derivesId;
    private Instant _fitDue;

    public OwnAddress(AddressVote vote, IRandomSource random, bool derivesId)
    {
        _vote = vote;
        _random = random;
        _derivesId = derivesId;
    }

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
    /// <param name="previous">The previous address; of no family when it was not known.</param>
    /// <returns>Whether this vote has changed it.</returns>
    public bool Count(in Endpoint voter, in Endpoint observed, out Endpoint previous)
    {
        _vote.TryGetCurrent(out previous);
        return _vote.TryCount(voter, observed, out bool hasChanged) && hasChanged;
    }

    /// <summary>
    /// Derives an id that fits our address, when the current one does not. Not twice within a while, because behind
    /// some NATs the address flaps.
    /// </summary>
    public bool TryDeriveId(in NodeId current, Instant now, out NodeId id)
    {
        id = default;
        if (!_derivesId
            || !_vote.TryGetCurrent(out Endpoint address)
            || now < _fitDue
            || SecureNodeId.IsValid(current, address))
        {
            return false;
        }

        _fitDue = now + FitIntervalMin;
        id = SecureNodeId.Derive(address, _random);
        return true;
    }
}
