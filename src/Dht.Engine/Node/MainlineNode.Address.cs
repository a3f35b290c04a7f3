using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;

namespace Dht.Engine.Node;

/// <content>What our address is, as others see it, and the id that goes with it (BEP 42).</content>
public sealed partial class MainlineNode
{
    private readonly AddressVote _voteIPv4;
    private readonly AddressVote _voteIPv6;

    /// <summary>The address under which most others see us; false while not enough have told. The port is a hint only.</summary>
    public bool TryGetExternalAddress(AddressKind kind, out Endpoint address) => VoteOf(kind).TryGetCurrent(out address);

    /// <summary>
    /// Tells the node its external address, for those who know it better than the others do. A later majority may still change it. The id
    /// is derived anew if it does not fit.
    /// </summary>
    /// <param name="address">Of either family; the port is a hint only.</param>
    /// <exception cref="ArgumentException">It is no address, or one that nobody outside can reach.</exception>
    public void SetExternalAddress(in Endpoint address)
    {
        Endpoint plain = address.Unmap();
        if (plain.Kind == AddressKind.None || plain.IsUnspecified)
        {
            throw new ArgumentException("An external address is an address of IPv4 or IPv6 that others can reach.", nameof(address));
        }

        AddressVote vote = VoteOf(plain.Kind);
        vote.TryGetCurrent(out Endpoint previous);
        vote.Set(plain);
        if (!previous.HasSameAddress(plain))
        {
            MoveTo(plain, previous);
        }
    }

    /// <summary>Counts what a verified answer says our address is: only whoever we asked can vote.</summary>
    private void CountVote(in KrpcMessage response, in Endpoint source)
    {
        if (!response.TryGetObservedEndpoint(out Endpoint observed))
        {
            return;
        }

        AddressVote vote = VoteOf(source.Kind);
        vote.TryGetCurrent(out Endpoint previous);
        if (vote.TryCount(source, observed, out bool hasChanged) && hasChanged)
        {
            MoveTo(observed.Unmap(), previous);
        }
    }

    /// <summary>Takes the id that fits our new address, and keeps what contacts have a place around it.</summary>
    private void MoveTo(in Endpoint address, in Endpoint previous)
    {
        AddressKind kind = address.Kind;
        if (_options.DeriveId && !SecureNodeId.IsValid(IdOf(kind), address))
        {
            NodeId id = SecureNodeId.Derive(address, _random);
            (kind == AddressKind.IPv6 ? ref _idIPv6 : ref _idIPv4) = id;
            _counters.IdChanges++;
            try
            {
                Table(kind).Rebase(id, _now);
            }
            catch (Exception fault)
            {
                Report(fault);
            }

            // New neighbours: those near the old id are not those near the new one.
            _searchInterval = SearchIntervalMin;
            _searchDue = _now;
        }

        Extensions.Observers.ExternalAddressChanged(this, previous, address);
    }

    private AddressVote VoteOf(AddressKind kind) => kind == AddressKind.IPv6 ? _voteIPv6 : _voteIPv4;
}
