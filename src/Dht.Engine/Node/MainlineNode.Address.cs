using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <content>What our address is, as others see it, and the id that goes with it (BEP 42).</content>
public sealed partial class MainlineNode
{
    private static readonly TimeSpan FitIntervalMin = TimeSpan.FromMinutes(5);

    private readonly AddressVote _voteIPv4;
    private readonly AddressVote _voteIPv6;
    private Instant _fitDueIPv4;
    private Instant _fitDueIPv6;

    /// <summary>The address under which most others see us; false while not enough have told. The port is a hint only.</summary>
    public bool TryGetExternalAddress(IpFamily family, out Endpoint address) => VoteOf(family).TryGetCurrent(out address);

    /// <summary>
    /// Tells the node its external address, for those who know it better than the others do. A later majority may still change it. The id
    /// is derived anew if it does not fit.
    /// </summary>
    /// <param name="address">Of either family; the port is a hint only.</param>
    /// <exception cref="ArgumentException">It is no address, or one that the address policy refuses: one that nobody outside can reach.</exception>
    public void SetExternalAddress(in Endpoint address)
    {
        Endpoint plain = address.Unmap();
        if (plain.Family == IpFamily.None || plain.IsUnspecified || _outbox.Policy.Check(plain.WithPort(1)) != AddressVerdict.Allowed)
        {
            throw new ArgumentException("An external address is an address of IPv4 or IPv6 that others can reach.", nameof(address));
        }

        AddressVote vote = VoteOf(plain.Family);
        vote.TryGetCurrent(out Endpoint previous);
        vote.Set(plain);
        if (!previous.HasSameAddress(plain))
        {
            (plain.IsIPv6 ? ref _fitDueIPv6 : ref _fitDueIPv4) = Instant.Zero;
            MoveTo(plain, previous);
        }
    }

    /// <summary>Fits the ids to the addresses where that had to wait.</summary>
    internal void FitIds(Instant now)
    {
        FitId(IpFamily.IPv4, now);
        FitId(IpFamily.IPv6, now);
    }

    /// <summary>Counts what a verified answer says our address is: only whoever we asked can vote.</summary>
    private void CountVote(in KrpcMessage response, in Endpoint source)
    {
        if (!response.TryGetObservedEndpoint(out Endpoint observed))
        {
            return;
        }

        AddressVote vote = VoteOf(source.Family);
        vote.TryGetCurrent(out Endpoint previous);
        if (vote.TryCount(source, observed, out bool hasChanged) && hasChanged)
        {
            MoveTo(observed.Unmap(), previous);
        }
    }

    private void MoveTo(in Endpoint address, in Endpoint previous)
    {
        FitId(address.Family, _now);
        Extensions.Observers.ExternalAddressChanged(this, previous, address);
    }

    /// <summary>
    /// Takes an id that fits our address, and keeps what contacts have a place around it; not twice within a while, for behind some NATs
    /// the address goes to and fro.
    /// </summary>
    private void FitId(IpFamily family, Instant now)
    {
        ref Instant fitDue = ref family == IpFamily.IPv6 ? ref _fitDueIPv6 : ref _fitDueIPv4;
        if (!_options.DeriveId || !VoteOf(family).TryGetCurrent(out Endpoint address) || now < fitDue
            || SecureNodeId.IsValid(IdOf(family), address))
        {
            return;
        }

        fitDue = now + FitIntervalMin;
        NodeId id = SecureNodeId.Derive(address, _random);
        (family == IpFamily.IPv6 ? ref _idIPv6 : ref _idIPv4) = id;
        _counters.IdChanges++;
        try
        {
            Table(family).Rebase(id, now);
        }
        catch (Exception fault)
        {
            Report(fault);
        }

        // New neighbours: those near the old id are not those near the new one.
        _searchInterval = SearchIntervalMin;
        _searchDue = now;
    }

    private AddressVote VoteOf(IpFamily family) => family == IpFamily.IPv6 ? _voteIPv6 : _voteIPv4;
}
