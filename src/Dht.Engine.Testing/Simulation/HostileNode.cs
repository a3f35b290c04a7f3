using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Testing.Simulation;

/// <summary>A node that is not run by the engine: silent, a liar, or a flooder.</summary>
internal sealed class HostileNode
{
    private const int InventedContacts = 8;

    private static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FloodInterval = TimeSpan.FromMilliseconds(20);

    private readonly SimulatedNetwork _network;
    private readonly SimulatedNode _node;
    private readonly SeededRandomSource _random;
    private readonly byte[] _contacts = new byte[InventedContacts * CompactNode.SizeIPv6];

    public HostileNode(SimulatedNetwork network, SimulatedNode node, in NodeId id, ulong seed, Instant now)
    {
        _network = network;
        _node = node;
        _random = new SeededRandomSource(seed);
        Id = id;
        NextDeadline = now + AskInterval;
    }

    public NodeId Id { get; }

    public Instant NextDeadline { get; private set; }

    /// <summary>A liar answers; the others do not.</summary>
    public void Receive(ReadOnlySpan<byte> datagram, in Endpoint source)
    {
        if (_node.Kind != SimulatedNodeKind.Liar || KrpcMessage.Parse(datagram, out KrpcMessage query) != KrpcFault.None
            || query.Kind != KrpcKind.Query || query.BodyFault != KrpcBodyFault.None
            || _node.Outbox!.TryReserve(source, out Span<byte> place) != StageResult.Ready)
        {
            return;
        }

        var envelope = new KrpcEnvelope
        {
            Id = Id,
            TransactionId = query.TransactionId,
            Requester = Invent(source.Family),
        };
        _node.Outbox.Commit(query.Method switch
        {
            KrpcMethod.FindNode when query.HasTarget => KrpcReplies.WriteNodes(
                place, envelope, Invent(query.Target, source.Family)),
            KrpcMethod.GetPeers when query.HasInfoHash => KrpcReplies.WritePeers(
                place, envelope, Invent(query.InfoHash.AsNodeId, source.Family), "lie"u8, default, source.CompactSize),
            _ => KrpcReplies.WritePong(place, envelope),
        });
    }

    public void Tick(Instant now)
    {
        bool floods = _node.Kind == SimulatedNodeKind.Flooder;
        NextDeadline = now + (floods ? FloodInterval : AskInterval);
        IpFamily family = _node.Endpoint.Family;
        if (_network.AnyLive(family, _node) is not { } victim
            || _node.Outbox!.TryReserve(victim.EndpointOf(family), out Span<byte> place) != StageResult.Ready)
        {
            return;
        }

        Span<byte> transaction = stackalloc byte[4];
        _random.Fill(transaction);
        var own = new KrpcEnvelope { Id = Id, TransactionId = transaction };
        var invented = new KrpcEnvelope
        {
            Id = NodeId.Random(_random),
            TransactionId = transaction,
            Requester = Invent(family),
        };
        _node.Outbox.Commit((floods ? _random.Next(6) : 0) switch
        {
            0 => KrpcQueries.WriteFindNode(place, own, NodeId.Random(_random), IpFamily.None),
            1 => KrpcQueries.WriteFindNode(place, invented, NodeId.Random(_random), IpFamily.None),
            2 => KrpcReplies.WriteNodes(place, invented, Invent(victim.IdOf(family), family)),
            3 => KrpcReplies.WriteError(place, invented, KrpcErrorCode.Server, "no"u8),
            4 => KrpcQueries.WriteAnnouncePeer(
                place, invented, InfoHash.FromNodeId(victim.IdOf(family)), 1, false, transaction),
            _ => WriteRubbish(place),
        });
    }

    private int WriteRubbish(Span<byte> place)
    {
        int length = 1 + _random.Next(200);
        _random.Fill(place[..length]);
        place[0] = (byte)'d';
        return length;
    }

    /// <summary>Contacts near the target, at addresses where no node lives, or where another one does.</summary>
    private KrpcContacts Invent(in NodeId target, IpFamily family)
    {
        int size = CompactNode.SizeOf(family);
        for (int i = 0; i < InventedContacts; i++)
        {
            Endpoint endpoint = i % 2 == 0 ? Invent(family)
                : _network.AnyLive(family, _node)?.EndpointOf(family) ?? Invent(family);
            NodeId id = target.RandomWithCommonPrefix(10 + _random.Next(100), _random);
            new CompactNode(id, endpoint).Write(_contacts.AsSpan(i * size));
        }

        ReadOnlySpan<byte> wire = _contacts.AsSpan(0, InventedContacts * size);
        return family == IpFamily.IPv6
            ? new KrpcContacts { Families = IpFamily.IPv6, Nodes6 = wire }
            : new KrpcContacts { Families = IpFamily.IPv4, Nodes = wire };
    }

    // 60/8 and 2c00::/16: the network assigns none of these.
    private Endpoint Invent(IpFamily family) => family == IpFamily.IPv6
        ? Endpoint.FromIPv6(0x2C00_0000_0000_0000 | (_random.NextUInt64() >> 16), _random.NextUInt64(), 6881)
        : Endpoint.FromIPv4(0x3C000000 | (_random.NextUInt32() >> 8), 6881);
}
