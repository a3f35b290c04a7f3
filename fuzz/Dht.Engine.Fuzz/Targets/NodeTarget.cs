using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Fuzz.Targets;

/// <summary>
/// A node that lives through many inputs from ever other sources, some of which answer what it asked: it stays well, sends little,
/// allocates nothing, and answers a ping afterwards.
/// </summary>
public sealed class NodeTarget : IFuzzTarget
{
    private const int InputsPerNode = 50_000;
    private const int WarmInputs = 2_000;
    private const int OutboxCapacity = 128;

    // Each makes the node verify the asker; more often, and the inputs would answer hardly anything else.
    private const int PingEvery = 16;

    // One reply, and 16 contacts of each family to verify; a tick asks the routers, the stale and the near.
    private const int SentPerInputMax = 64;

    private readonly byte[] _ping = new byte[256];
    private readonly SeededRandomSource _sources = new(2);
    private readonly int _pingLength;
    private Outbox _outbox = null!;
    private MainlineNode _node = null!;
    private Exchange _exchange = null!;
    private Instant _now;
    private int _inputs;

    /// <summary>The target, ready to be fed.</summary>
    public NodeTarget()
    {
        NodeId asker = NodeId.Random(_sources);
        KrpcEnvelope envelope = new() { Id = asker, TransactionId = "pi"u8 };
        _pingLength = KrpcQueries.WritePing(_ping, envelope);
        Renew();
    }

    /// <inheritdoc/>
    public string Name => "node";

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> Seeds => Exchange.Seeds;

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> Dictionary => KrpcSeeds.Words;

    /// <inheritdoc/>
    public IReadOnlyList<string> Namespaces { get; } = ["Dht.Engine.Node", "Dht.Engine.Lookup", "Dht.Engine.Routing", "Dht.Engine.Rpc", "Dht.Engine.Storage"];

    /// <inheritdoc/>
    public void Execute(ReadOnlySpan<byte> input)
    {
        if (input.Length < 2)
        {
            return;
        }

        if (++_inputs % InputsPerNode == 0)
        {
            Renew();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        Feed(input);
        bool allocated = GC.GetAllocatedBytesForCurrentThread() != before;
        FuzzFailureException.Require(!allocated || _inputs <= WarmInputs, "a warm node allocates nothing");
    }

    private void Feed(ReadOnlySpan<byte> input)
    {
        ReadOnlySpan<byte> datagram = _exchange.Prepare(input, out Endpoint source);
        _node.Receive(datagram, source, _now);
        _now += Exchange.Step(input);
        _node.Tick(_now);
        FuzzFailureException.Require(_outbox.Count <= SentPerInputMax, "one datagram and one tick send little");
        FuzzFailureException.Require(_node.NextDeadline > _now, "after a tick nothing is due");
        _exchange.Take(_outbox);
        if (_inputs % PingEvery == 0)
        {
            CheckPing();
        }
    }

    private void CheckPing()
    {
        Endpoint source = Endpoint.FromIPv4(0x09000000 | (_sources.NextUInt32() & 0xFFFFFF), 6881);
        _node.Receive(_ping.AsSpan(0, _pingLength), source, _now);
        bool answered = false;
        for (int i = 0; i < _outbox.Count; i++)
        {
            answered |= _outbox.Destination(i) == source
                && KrpcMessage.Parse(_outbox.Datagram(i), out KrpcMessage reply) == KrpcFault.None
                && reply.Kind == KrpcKind.Response && reply.SenderId == _node.Id && reply.TransactionId.SequenceEqual("pi"u8);
        }

        FuzzFailureException.Require(answered, "a node answers a ping whatever came before");
        _exchange.Take(_outbox);
    }

    private void Renew()
    {
        _outbox = new Outbox(OutboxCapacity, OutboxCapacity * Outbox.DatagramSizeMax, AddressPolicy.Public);
        _node = new MainlineNode(new NodeOptions(), _outbox, new SeededRandomSource((ulong)_inputs), _now);
        _exchange = new Exchange();
        _node.AddRouter(Endpoint.FromIPv4(0x08080808, 6881));
    }
}
