using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>What our addresses are, as others see them, and the ids that go with them (BEP 42).</summary>
internal sealed class ExternalAddress
{
    private readonly NodeFamilies _families;
    private readonly NodeUpkeep _upkeep;
    private readonly IAddressPolicy _policy;
    private readonly NodeObservers _observers;
    private readonly NodeFaults _faults;

    public ExternalAddress(
        NodeFamilies families, NodeUpkeep upkeep, IAddressPolicy policy, NodeObservers observers, NodeFaults faults)
    {
        _families = families;
        _upkeep = upkeep;
        _policy = policy;
        _observers = observers;
        _faults = faults;
    }

    /// <summary>A socket that is bound to a public address says what ours is; no vote is needed for that.</summary>
    public void Begin(in Endpoint local, Instant now)
    {
        if (AddressPolicy.Classify(local) == AddressVerdict.Allowed
            && _policy.Check(local) == AddressVerdict.Allowed
            && _families.Of(local).Address.Set(local, out _))
        {
            FitId(_families.Of(local), now);
        }
    }

    /// <summary>Takes an address as given.</summary>
    /// <exception cref="ArgumentException">It cannot be reached from outside.</exception>
    public void Set(in Endpoint address, Instant now)
    {
        Endpoint plain = address.Unmap();
        if (plain.Family == IpFamily.None || plain.IsUnspecified
            || _policy.Check(plain.WithPort(1)) != AddressVerdict.Allowed)
        {
            throw new ArgumentException(
                "An external address is an address of IPv4 or IPv6 that others can reach.", nameof(address));
        }

        if (_families.Of(plain).Address.Set(plain, out Endpoint previous))
        {
            MoveTo(plain, previous, now);
        }
    }

    /// <summary>Counts what a verified response says our address is.</summary>
    public void Count(in KrpcMessage response, in Endpoint source, Instant now)
    {
        if (!response.TryGetObservedEndpoint(out Endpoint observed))
        {
            return;
        }

        NodeFamily family = _families.Of(source);
        Endpoint seenAt = observed.Unmap();
        if (family.Address.Count(source, seenAt, now, out Endpoint previous))
        {
            MoveTo(seenAt, previous, now);
            return;
        }

        _upkeep.NoteVote(source, seenAt, previous, now);
        if (previous.Family == IpFamily.None)
        {
            FitId(family, now);
        }
    }

    /// <summary>Fits the ids to the addresses where that had to wait.</summary>
    public void FitIds(Instant now)
    {
        foreach (NodeFamily family in _families.All)
        {
            FitId(family, now);
        }
    }

    private void MoveTo(in Endpoint address, in Endpoint previous, Instant now)
    {
        FitId(_families.Of(address), now);
        _observers.ExternalAddressChanged(_faults, previous, address);
    }

    private void FitId(NodeFamily family, Instant now)
    {
        if (family.FitId(now))
        {
            _upkeep.RestartSearch(now);
        }
    }
}
