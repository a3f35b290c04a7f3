using System.Net.Sockets;
using Dht.Engine.Node;
using Dht.Engine.Tests.Support;
using Dht.Engine.Transport;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Engine;

/// <summary>
/// Survives any datagram: whatever comes, broken, empty or malicious, the engine answers the next ping.
/// </summary>
public sealed class SurvivesAnyDatagramTests
{
    public static TheoryData<TransportKind> Transports => Loopback.Transports;

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task TheNextPing_IsAnswered(TransportKind kind)
    {
        DhtEngineOptions options = Loopback.Options(kind);
        await using DhtEngine engine = Loopback.Start(
            options with { Node = new NodeOptions { AnswersPerSecondPerAddress = 0 } });
        using Socket socket = Loopback.Connect(engine);
        string[] hostile =
        [
            "x",
            "d",
            "",
            $"d1:ad2:id20:{IdA}e1:q4:ping1:t2:aa1:y1:ze",
            $"d1:ad2:id20:{IdA}e1:q4:ping1:t2:aa1:yi5ee",
            "d1:ad2:id2:abe1:q4:ping1:t2:aa1:y1:qe",
            "d1:ai5e1:q4:ping1:t2:aa1:y1:qe",
            "d1:a3:foo1:q4:ping1:t2:aa1:y1:qe",
            "d1:al3:fooe1:q4:ping1:t2:aa1:y1:qe",
            $"d1:ad2:id20:{IdA}e1:q4:\u00ff\u00fe\u00c0\u00801:t2:aa1:y1:qe",
            $"d1:ad2:id20:{IdA}e1:q4:ping1:ti7e1:y1:qe",
            new string('l', 20_000),
            new string('l', 20_000) + new string('e', 20_000),
            "d1:a" + new string('l', 20_000) + new string('e', 20_000) + "1:q4:ping1:t2:aa1:y1:qe",

            // As many as a datagram that is taken in at all can hold.
            new string('l', 2_000),
            "d1:a" + new string('l', 900) + new string('e', 900) + "1:q4:ping1:t2:aa1:y1:qe",
        ];
        for (int i = 0; i < hostile.Length; i++)
        {
            socket.Send(Bytes(hostile[i]));
            string transaction = $"p{(char)('a' + i)}";
            string reply = Ask(socket, transaction);
            while (!reply.Contains($"1:t2:{transaction}", StringComparison.Ordinal))
            {
                Assert.True(
                    reply.EndsWith("1:y1:ee", StringComparison.Ordinal), $"datagram {i} was answered with {reply}");
                reply = Receive(socket);
            }

            Assert.Contains($"2:id20:{WireText.Of(engine.Id)}e", reply, StringComparison.Ordinal);
        }

        Assert.True(engine.IsRunning);
        Assert.Equal(0, engine.Counters.Faults);
    }

    private static string Ask(Socket socket, string transaction) =>
        Text(Loopback.Ask(socket, Bytes($"d1:ad2:id20:{IdA}e1:q4:ping1:t2:{transaction}1:y1:qe")));

    /// <summary>The next datagram that is no query: the engine pings who asks it.</summary>
    private static string Receive(Socket socket)
    {
        byte[] buffer = new byte[2048];
        while (true)
        {
            string text = Text(buffer.AsSpan(0, socket.Receive(buffer)));
            if (!text.EndsWith("1:y1:qe", StringComparison.Ordinal))
            {
                return text;
            }
        }
    }
}
