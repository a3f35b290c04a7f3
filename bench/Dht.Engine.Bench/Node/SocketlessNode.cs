using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Bench;

/// <summary>A node without a socket whose tables are full, and 1,024 strangers who ask it.</summary>
internal sealed class SocketlessNode
{
    // Slowly enough that what they announced is still there at the end, quickly enough that no asker is over the limit.
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(50);

    public SocketlessNode(RoutingTableKind tables, SeededRandomSource random)
    {
        Outbox = new Outbox(512, 512 * 1024, AddressPolicy.Public);
        Node = new MainlineNode(
            new NodeOptions
            {
                TableKind = tables,
                DeriveId = false,
                QueriesPerSecondPerAddress = 0,
                AnswerBytesPerSecond = 0,
            },
            Outbox,
            random,
            Instant.Zero);
        FullTables.Fill(Node.Table(IpFamily.IPv4), random);
        FullTables.Fill(Node.Table(IpFamily.IPv6), random);
        Askers = Inputs.Endpoints(IpFamily.IPv4, random);
    }

    public MainlineNode Node { get; }

    public Outbox Outbox { get; }

    public Endpoint[] Askers { get; }

    public Instant Now { get; private set; }

    /// <summary>Each asker sends its datagram once, and what is staged in answer is thrown away.</summary>
    /// <returns>Bytes of the last answers, so that they are not for nothing.</returns>
    public int ReceiveRound(byte[][] datagrams)
    {
        int bytes = 0;
        Now += Round;
        for (int i = 0; i < datagrams.Length; i++)
        {
            Node.Receive(datagrams[i], Askers[i], Now);
            bytes += Outbox.Count;
            Outbox.Clear();
        }

        return bytes;
    }

    /// <summary>The token that the node gives an asker for an infohash.</summary>
    public byte[] TokenFor(int asker, byte[] getPeers)
    {
        Node.Receive(getPeers, Askers[asker], Now);
        KrpcMessage.Parse(Outbox.Datagram(0), out KrpcMessage answer);
        byte[] token = answer.Token.ToArray();
        Outbox.Clear();
        return token;
    }
}
