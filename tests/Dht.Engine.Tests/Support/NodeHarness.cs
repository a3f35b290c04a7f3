using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Tests.Krpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Support;

/// <summary>One node without a network: datagrams are handed in and taken out by the test.</summary>
internal sealed class NodeHarness
{
    public static readonly Endpoint Asker = Endpoint.Parse("8.8.8.8:6881");
    public static readonly Endpoint Asker6 = Endpoint.Parse("[2001:4860::8888]:6881");
    public static readonly byte[] Ping = KrpcSamples.Get("ping");

    private readonly VirtualClock _clock = new();

    public NodeHarness(NodeOptions? options = null, ulong seed = 1, IAddressPolicy? policy = null, int outboxSize = 256)
    {
        Outbox = new Outbox(
            outboxSize, Math.Max(outboxSize, 2) * Outbox.DatagramSizeMax, policy ?? AddressPolicy.AllowLocal);
        _clock.Advance(TimeSpan.FromHours(1));
        Node = new MainlineNode(options ?? new NodeOptions(), Outbox, new SeededRandomSource(seed), _clock.Now);
    }

    public MainlineNode Node { get; }

    public Outbox Outbox { get; }

    public Instant Now => _clock.Now;

    public NodeCounters Counters => Node.Counters;

    public void Advance(TimeSpan span) => Node.Tick(_clock.Advance(span));

    public void Receive(byte[] datagram, Endpoint? source = null) => Node.Receive(datagram, source ?? Asker, Now);

    /// <summary>Everything staged, taken out.</summary>
    public List<(Endpoint To, byte[] Datagram)> Take()
    {
        var taken = new List<(Endpoint, byte[])>();
        for (int i = 0; i < Outbox.Count; i++)
        {
            taken.Add((Outbox.Destination(i), Outbox.Datagram(i).ToArray()));
        }

        Outbox.Clear();
        return taken;
    }

    /// <summary>Hands in a query and returns the reply to it as text.</summary>
    public string Ask(byte[] query, Endpoint? source = null)
    {
        Take();
        Receive(query, source);
        List<(Endpoint To, byte[] Datagram)> sent = Take();
        return sent.Count == 0 ? "" : Wire.Text(sent[0].Datagram);
    }

    public bool AnswersPing(Endpoint? source = null)
    {
        string reply = Ask(Ping, source);
        return reply.Contains("1:t2:aa", StringComparison.Ordinal)
            && reply.EndsWith("1:y1:re", StringComparison.Ordinal);
    }

    /// <summary>The one query staged, with its transaction id.</summary>
    public (Endpoint To, string TransactionId, string Text) TakeQuery()
    {
        (Endpoint to, byte[] datagram) = Assert.Single(Take());
        KrpcMessage.Parse(datagram, out KrpcMessage message);
        Assert.Equal(KrpcKind.Query, message.Kind);
        return (to, Wire.Text(message.TransactionId), Wire.Text(datagram));
    }

    public static byte[] Pong(string transactionId, string id = Wire.IdB, string values = "") =>
        Wire.Bytes($"d1:rd2:id{Wire.Str(id)}{values}e1:t{Wire.Str(transactionId)}1:y1:re");

    /// <summary>Makes a contact known the honest way: it asks, is pinged, and answers.</summary>
    public void Introduce(NodeId id, Endpoint endpoint)
    {
        byte[] bytes = new byte[20];
        id.CopyTo(bytes);
        string text = Wire.Text(bytes);
        Take();
        Receive(Wire.Bytes($"d1:ad2:id20:{text}e1:q4:ping1:t2:aa1:y1:qe"), endpoint);
        foreach ((Endpoint to, byte[] datagram) in Take())
        {
            KrpcMessage.Parse(datagram, out KrpcMessage message);
            if (message.Kind == KrpcKind.Query && to == endpoint)
            {
                Receive(Pong(Wire.Text(message.TransactionId), text), endpoint);
            }
        }

        Take();
    }
}
