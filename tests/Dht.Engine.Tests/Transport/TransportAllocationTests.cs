using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Dht.Engine.Transport;
using static Dht.Engine.Tests.Transport.TransportHarness;

namespace Dht.Engine.Tests.Transport;

[Collection(QuietTransport.Name)]
public sealed class TransportAllocationTests
{
    private const int Senders = 61;
    private const int Rounds = 51;
    private const int TurnsPerRound = 34;

    public static TheoryData<TransportKind> Kinds => TransportHarness.Kinds;

    /// <summary>
    /// 61 plain sockets, each behind its own address, in turn: every datagram that arrives has another sender than
    /// the last and is sent back. The test host allocates now and then on threads of its own, and once in 50,000
    /// packets or so something takes 56 bytes on the driving thread, inside the plain sockets' calls as often as
    /// inside the transport's. So the process must be clean in the best round, three quarters of the rounds must stay
    /// below an eighth of a byte a packet, and the driving thread below a hundredth: an object for every 5,000th
    /// packet would be seen.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void EchoingToManySenders_AllocatesNothing(TransportKind kind)
    {
        using IDatagramTransport transport = Bind(kind);
        var echo = new EchoReceiver(Outbox(2 * Senders));
        Socket[] sockets = [.. Enumerable.Range(1, Senders)
            .Select(i => Plain(OperatingSystem.IsLinux() ? $"127.0.3.{i}" : "127.0.0.1"))];
        SocketAddress to = new IPEndPoint(IPAddress.Loopback, transport.LocalEndpoint.Port).Serialize();
        byte[] buffer = new byte[2048];
        long[] allocated = new long[Rounds];
        Run(transport, echo, sockets, to, buffer, 10 * TurnsPerRound);
        long onThread = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            Run(transport, echo, sockets, to, buffer, TurnsPerRound);
            allocated[round] = GC.GetTotalAllocatedBytes(precise: true) - before;
        }

        onThread = GC.GetAllocatedBytesForCurrentThread() - onThread;
        Array.ForEach(sockets, socket => socket.Dispose());
        const int packets = Senders * Rounds * TurnsPerRound;
        Assert.True(transport.Counters.Received >= packets);
        Assert.Equal(transport.Counters.Received, transport.Counters.Sent);
        Array.Sort(allocated);
        Assert.InRange(onThread, 0, packets / 100);
        Assert.True(
            allocated[0] == 0 && allocated.Take(Rounds * 3 / 4).Sum() < packets / 8,
            $"Bytes by round: {string.Join(' ', allocated)}");
    }

    private static void Run(
        IDatagramTransport transport, EchoReceiver echo, Socket[] sockets, SocketAddress to, byte[] buffer, int turns)
    {
        for (int turn = 0; turn < turns; turn++)
        {
            foreach (Socket socket in sockets)
            {
                socket.SendTo(buffer.AsSpan(0, 92), SocketFlags.None, to);
            }

            int left = sockets.Length;
            long started = Stopwatch.GetTimestamp();
            while (left > 0)
            {
                int received = transport.Receive(echo);
                transport.Send(echo.Outbox);
                left -= received;
                if (received == 0)
                {
                    transport.Wait(TimeSpan.FromMilliseconds(50));
                    Assert.True(Stopwatch.GetElapsedTime(started) < Patience);
                }
            }

            foreach (Socket socket in sockets)
            {
                socket.Receive(buffer.AsSpan(), SocketFlags.None);
            }
        }
    }
}
