using System.Net.Sockets;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Engine;

/// <summary>
/// A node that answers a million queries of 61 senders in this process, and what the whole process allocated
/// meanwhile. Many senders matter: with one or two the framework's cached addresses would hide an allocation for
/// every change of sender.
/// </summary>
internal static class AnswerMeasurement
{
    private const int Senders = 61;
    private const int InFlightEach = 4;
    private const int WarmUp = 100_000;
    private const int Answers = 1_000_000;

    /// <summary>Queries answered, and bytes allocated by all threads meanwhile.</summary>
    public static async Task<(long Answered, long Allocated)> Run(TransportKind kind)
    {
        await using DhtEngine engine = Loopback.Start(Loopback.Options(kind) with
        {
            Node = new NodeOptions { AnswersPerSecondPerAddress = 0, QueriesPerSecondPerAddress = 0 },
        });
        Socket[] sockets = [.. Enumerable.Range(0, Senders).Select(_ => Loopback.Connect(engine))];
        byte[][] queries = [.. Enumerable.Range(0, 3).Select(MakeQuery)];
        byte[] buffer = new byte[2048];
        Exchange(sockets, queries, buffer, WarmUp);

        long answeredBefore = engine.Counters.Node.QueriesAnswered;
        long before = GC.GetTotalAllocatedBytes(precise: true);
        Exchange(sockets, queries, buffer, Answers);
        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        return (engine.Counters.Node.QueriesAnswered - answeredBefore, allocated);
    }

    /// <summary>
    /// Keeps a few queries of every sender in flight; each datagram that comes makes room for the next query.
    /// </summary>
    private static void Exchange(Socket[] sockets, byte[][] queries, byte[] buffer, int answers)
    {
        int sent = 0;
        foreach (Socket socket in sockets)
        {
            for (int i = 0; i < InFlightEach; i++)
            {
                socket.Send(queries[sent++ % queries.Length]);
            }
        }

        for (int received = 0; received < answers;)
        {
            foreach (Socket socket in sockets)
            {
                int batch = Math.Min(InFlightEach, socket.Available > 0 ? InFlightEach : 1);
                for (int i = 0; i < batch && (i == 0 || socket.Available > 0); i++)
                {
                    if (IsAnswer(buffer.AsSpan(0, socket.Receive(buffer))))
                    {
                        received++;
                        socket.Send(queries[sent++ % queries.Length]);
                    }
                }
            }
        }

        foreach (Socket socket in sockets)
        {
            for (int left = InFlightEach; left > 0;)
            {
                left -= IsAnswer(buffer.AsSpan(0, socket.Receive(buffer))) ? 1 : 0;
            }
        }
    }

    /// <summary>The node also pings its askers; that is no answer.</summary>
    private static bool IsAnswer(ReadOnlySpan<byte> datagram) => datagram.EndsWith("1:y1:re"u8);

    private static byte[] MakeQuery(int method)
    {
        byte[] buffer = new byte[KrpcQueries.SizeMax];
        var random = new SeededRandomSource(42);
        var envelope = new KrpcEnvelope { Id = NodeId.Random(random), TransactionId = "aaaa"u8 };
        int length = method switch
        {
            0 => KrpcQueries.WritePing(buffer, envelope),
            1 => KrpcQueries.WriteFindNode(buffer, envelope, NodeId.Random(random)),
            _ => KrpcQueries.WriteGetPeers(buffer, envelope, InfoHash.Random(random)),
        };
        return buffer[..length];
    }
}
