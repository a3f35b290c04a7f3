using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Node;
using Dht.Engine.Rpc;
using Dht.Engine.Tests.Cli;
using Dht.Engine.Tests.Engine;
using Dht.Engine.Tests.Node;
using Dht.Engine.Tests.Support;
using Dht.Engine.Tests.Transport;
using Dht.Engine.Transport;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Hostile;

/// <summary>
/// The machine below: a system that refuses to send, a buffer that overflows, a clock that jumps, a disk that is
/// full.
/// </summary>
public sealed class MachineTests
{
    public static TheoryData<IpFamily, TransportKind> Wires
    {
        get
        {
            var data = new TheoryData<IpFamily, TransportKind>();
            foreach (object[] family in (IEnumerable<object[]>)SocketPair.Families)
            {
                foreach (object[] transport in (IEnumerable<object[]>)TransportHarness.Kinds)
                {
                    data.Add((IpFamily)family[0], (TransportKind)transport[0]);
                }
            }

            return data;
        }
    }

    public static TheoryData<IpFamily> Families => SocketPair.Families;

    /// <summary>
    /// Nobody listens there: the system may report it on a later call (ECONNREFUSED). Queries end, answers go on.
    /// </summary>
    [Theory]
    [MemberData(nameof(Wires))]
    public async Task SendingToAClosedPort_DisturbsNobody(IpFamily family, TransportKind transport)
    {
        await using SocketPair pair = SocketPair.Start(family, Fast, options => options with { Transport = transport });
        using Socket closed = pair.OpenSocket();
        Endpoint nobody = SocketPair.EndpointOf(closed);
        closed.Dispose();
        for (int i = 0; i < 20; i++)
        {
            await pair.Engine.InvokeAsync((node, now) => node.Ping(nobody, now));
            Assert.Single(pair.Exchange(Query("find_node", $"6:target20:{IdB}")));
        }

        Assert.Equal(QueryStatus.TimedOut, (await pair.Engine.PingAsync(nobody)).Status);
        Assert.True(pair.Engine.IsRunning);
        Assert.Equal(0, pair.Counters.Faults);
    }

    /// <summary>
    /// From a socket that is bound to loopback no packet leaves the machine: ENETUNREACH or EINVAL, as the system
    /// likes.
    /// </summary>
    [Theory]
    [MemberData(nameof(Wires))]
    public async Task SendingWhereNoRouteLeads_IsCounted_AndDisturbsNobody(IpFamily family, TransportKind transport)
    {
        await using SocketPair pair = SocketPair.Start(family, Fast, options => options with { Transport = transport });
        Endpoint far = TestEndpoints.Public(family, 77);
        for (int i = 0; i < 20; i++)
        {
            await pair.Engine.InvokeAsync((node, now) => node.Ping(far, now));
            Assert.Single(pair.Exchange(Query("find_node", $"6:target20:{IdB}")));
        }

        QueryStatus status = (await pair.Engine.PingAsync(far)).Status;
        if (OperatingSystem.IsLinux() && family == IpFamily.IPv4)
        {
            // Over IPv6 some systems take the packet and drop it later.
            Assert.Equal(QueryStatus.NotSent, status);
            Assert.Equal(21, pair.Counters.Transport.SendErrors);
            Assert.Equal(21, pair.Counters.Node.QueriesNotSent);
        }
    }

    /// <summary>
    /// A broadcast without permission is EACCES, to the system the like of EPERM; what is around it in the outbox is
    /// sent.
    /// </summary>
    [Theory]
    [MemberData(nameof(TransportHarness.Kinds), MemberType = typeof(TransportHarness))]
    public void SendingWithoutLeave_LosesThatDatagramAlone(TransportKind transport)
    {
        using IDatagramTransport wire = TransportHarness.Bind(transport);
        using Socket plain = TransportHarness.Plain();
        var outbox = new Outbox(8, 8 * Outbox.DatagramSizeMax, new AllowAll());
        TransportHarness.Stage(outbox, TransportHarness.EndpointOf(plain), [1]);
        TransportHarness.Stage(outbox, Endpoint.Parse("255.255.255.255:9"), [2]);
        TransportHarness.Stage(outbox, TransportHarness.EndpointOf(plain), [3]);
        wire.Send(outbox);
        byte[] buffer = new byte[16];
        Assert.Equal((1, 1), (plain.Receive(buffer), buffer[0]));
        Assert.Equal((1, 3), (plain.Receive(buffer), buffer[0]));
        Assert.Equal((1, 2), (wire.Counters.SendErrors, wire.Counters.Sent));
    }

    /// <summary>
    /// The system refuses every datagram for a while (ENOBUFS, EPERM): they are lost, and then all is as before.
    /// </summary>
    [Theory]
    [MemberData(nameof(Wires))]
    public async Task SendsThatAllFailForAWhile_LoseThoseAnswersAlone(IpFamily family, TransportKind transport)
    {
        RefusingTransport? wire = null;
        await using SocketPair pair = SocketPair.Start(family, Fast, options => options with
        {
            CreateTransport = () => wire = new RefusingTransport(DatagramTransport.Bind(options.Bind, transport)),
        });
        pair.Exchange();
        wire!.IsRefusing = true;
        for (int i = 0; i < 100; i++)
        {
            pair.Socket.Send(Query("find_node", $"6:target20:{IdB}"));
        }

        await Eventually.Holds(() => wire.Refused >= 100, "a hundred answers are refused");
        wire.IsRefusing = false;
        Assert.Empty(pair.Exchange());
        Assert.Equal(0, pair.Counters.Faults);
    }

    /// <summary>
    /// While the loop is held up, more arrives than the system holds. What did not fit is lost, and nothing else.
    /// </summary>
    [Theory]
    [MemberData(nameof(Wires))]
    public async Task AReceiveBufferThatOverflows_LosesDatagramsAndNothingElse(IpFamily family, TransportKind transport)
    {
        await using SocketPair pair = SocketPair.Start(family, Fast, options => options with { Transport = transport });
        using var held = new ManualResetEventSlim();
        using var isHeld = new ManualResetEventSlim();
        Task<bool> holding = pair.Engine.InvokeAsync((_, _) =>
        {
            isHeld.Set();
            return held.Wait(Loopback.Patience);
        });
        Assert.True(isHeld.Wait(Loopback.Patience));
        byte[] big = [.. Query("find_node", $"6:target20:{IdB}"), .. new byte[1_800]];
        const int count = 8_000;
        for (int i = 0; i < count; i++)
        {
            pair.Socket.Send(big);
        }

        held.Set();
        Assert.True(await holding);
        await Eventually.Holds(pair.TryPing, "a ping is answered");
        Assert.InRange(pair.Counters.Transport.Received, 1, count + 1_000);
        Assert.Equal(0, pair.Counters.Transport.ReceiveErrors);
        Assert.Equal(0, pair.Counters.Faults);
    }

    /// <summary>
    /// A day forward: all that is open ends, and the node goes on. A day back: time goes on from where it was.
    /// </summary>
    [Theory]
    [MemberData(nameof(Families))]
    public async Task AClockThatJumps_StopsNothing(IpFamily family)
    {
        var clock = new JumpingClock();
        var node =
            new NodeOptions
            {
                AnswersPerSecondPerAddress = 20,
                AnswerBurst = 60,
                QueriesPerSecondPerAddress = 4,
                QueryTimeout = TimeSpan.FromSeconds(3),
            };
        await using SocketPair pair = SocketPair.Start(family, node, options => options with { Clock = clock });
        using Socket silent = pair.OpenSocket();
        Endpoint nobody = SocketPair.EndpointOf(silent);
        pair.Exchange();
        foreach (int days in (int[])[1, -1, -3, 2])
        {
            TimeSpan jump = TimeSpan.FromDays(days);
            // The limits of both directions are used up before the jump.
            pair.Exchange([.. Enumerable.Repeat(Query("find_node", $"6:target20:{IdB}"), 15)]);
            Task<PingResult> before = pair.Engine.PingAsync(nobody).AsTask();
            pair.Exchange();
            clock.Jump(jump);
            pair.Exchange();
            clock.Jump(TimeSpan.FromSeconds(5));
            pair.Exchange();
            Assert.Equal(QueryStatus.TimedOut, (await before.WaitAsync(Loopback.Patience)).Status);

            Task<PingResult> after = pair.Engine.PingAsync(nobody).AsTask();
            pair.Exchange();
            clock.Jump(TimeSpan.FromSeconds(5));
            pair.Exchange();
            Assert.Equal(QueryStatus.TimedOut, (await after.WaitAsync(Loopback.Patience)).Status);
        }

        Assert.Equal(0, pair.Counters.Faults);
    }

    /// <summary>
    /// A folder that is gone when the state is to be saved is reported; the engine runs on, and saves once it is back.
    /// </summary>
    [Fact]
    public async Task AStateThatCannotBeSaved_IsToldOf_AndTheEngineRunsOn()
    {
        using var folder = new TempFolder();
        string place = Directory.CreateDirectory(folder["state"]).FullName;
        string path = Path.Combine(place, "node");
        var logs = new RecordingLogs();
        await using (SocketPair pair = SocketPair.Start(
            IpFamily.IPv4, Fast, options => options with { StatePath = path, LoggerFactory = logs }))
        {
            Directory.Delete(place, recursive: true);
            pair.Exchange();
            await pair.Engine.StopAsync();
            Assert.False(File.Exists(path));
            Assert.Contains(logs.Texts, static text => text.Contains("could not be saved", StringComparison.Ordinal));
            Directory.CreateDirectory(place);
            pair.Engine.Start();
            await pair.Engine.StopAsync();
        }

        Assert.Equal(StateLoadStatus.Loaded, new StateFile(path).Load().Status);
    }

    /// <summary>
    /// What a process that was killed while saving leaves behind is half a temporary file; the state beside it is
    /// whole.
    /// </summary>
    [Fact]
    public async Task AProcessKilledWhileSaving_LeavesTheStateBefore()
    {
        using var folder = new TempFolder();
        string path = folder["node"];
        NodeState state = SampleStates.Random(1, 20, 20);
        new StateFile(path).Save(state);
        byte[] next = NodeStateCodec.Encode(SampleStates.Random(2, 30, 30));
        for (int length = 0; length <= next.Length; length += 97)
        {
            File.WriteAllBytes($"{path}.{Environment.ProcessId}.tmp", next[..length]);
            File.WriteAllBytes($"{path}.{int.MaxValue}.tmp", next[..length]);
            SampleStates.AssertSame(state, new StateFile(path).Load().State);
        }

        await using SocketPair pair = SocketPair.Start(
            IpFamily.IPv4, Fast, options => options with { StatePath = path });
        pair.Exchange();
        await pair.Engine.StopAsync();
        Assert.Equal(StateLoadStatus.Loaded, new StateFile(path).Load().Status);
        Assert.False(File.Exists($"{path}.{Environment.ProcessId}.tmp"));
        Assert.False(File.Exists($"{path}.{int.MaxValue}.tmp"));
    }

    private static NodeOptions Fast => SocketPair.Unthrottled with { QueryTimeout = TimeSpan.FromMilliseconds(100) };

    private sealed class AllowAll : IAddressPolicy
    {
        public AddressVerdict Check(in Endpoint endpoint) => AddressVerdict.Allowed;
    }
}
