using System.Diagnostics;
using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Tests.Engine;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;
using Xunit.Abstractions;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Hostile;

/// <summary>
/// Floods: one address as fast as it can, a million forged ones, and what is left for the others.
/// </summary>
public sealed class FloodTests(ITestOutputHelper output)
{
    private const int Others = 100;

    private static readonly byte[] FindNode = Query("find_node", $"6:target20:{IdB}");

    public static TheoryData<IpFamily> Kinds => [IpFamily.IPv4, IpFamily.IPv6];

    public static TheoryData<IpFamily> Families => SocketPair.Families;

    /// <summary>
    /// In virtual time: 200,000 packets a second of one address, and a hundred others that ask five times a second
    /// each.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void OneAddressAt200000PacketsASecond_TakesNothingFromOthers(IpFamily family)
    {
        const int milliseconds = 2_000;
        var node = new NodeHarness(outboxSize: 512);
        Endpoint flooder = TestEndpoints.Public(family, 1_000);
        int asked = 0;
        int answered = 0;
        for (int at = 0; at < milliseconds; at++)
        {
            node.Advance(TimeSpan.FromMilliseconds(1));
            for (int i = 0; i < 200; i++)
            {
                node.Node.Receive(FindNode, flooder.WithPort((ushort)(1 + i)), node.Now);
            }

            Endpoint other = TestEndpoints.Public(family, at % Others);
            if (at % 200 < Others)
            {
                node.Node.Receive(FindNode, other, node.Now);
                asked++;
                answered += IsAnswered(node.Outbox, other) ? 1 : 0;
            }

            node.Outbox.Clear();
        }

        output.WriteLine(
            $"{family}: {answered} of {asked} queries of others answered beside {milliseconds * 200} of one address.");
        Assert.Equal(asked, answered);
        Assert.True(node.Counters.Throttled >= (milliseconds * 200) - 60 - (milliseconds / 50) - 1, $"{node.Counters}");
    }

    /// <summary>
    /// A million forged sources, each once: no memory, bounded queries of ours, no contact; and one who asks on is
    /// answered.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void AMillionForgedSources_GrowNothing_AndLockNobodyOut(IpFamily family)
    {
        var node = new NodeHarness(outboxSize: 512);
        var tally = new Tally();
        long allocated = AllocationGuard.OnThread((node, family, tally), static state =>
        {
            state.tally.Clear();
            for (int i = 0; i < 1_000_000; i++)
            {
                if (i % 1_000 == 0)
                {
                    // The victim asks ten times a second, each time from another port.
                    state.node.Advance(TimeSpan.FromMilliseconds(100));
                    state.node.Outbox.Clear();
                    Endpoint victim = TestEndpoints.Public(state.family, 5).WithPort((ushort)(1 + (i / 1_000)));
                    state.node.Node.Receive(FindNode, victim, state.node.Now);
                    state.tally.Asked++;
                    state.tally.Answered += IsAnswered(state.node.Outbox, victim) ? 1 : 0;
                    state.node.Outbox.Clear();
                }

                state.node.Node.Receive(FindNode, Forged(state.family, i), state.node.Now);
                state.node.Outbox.Clear();
                state.tally.OpenMax = Math.Max(state.tally.OpenMax, state.node.Node.OpenQueries);
            }
        }, warmUps: 1);
        output.WriteLine(
            $"{family}: {tally.Answered} of {tally.Asked} queries of the victim answered, "
            + $"{tally.OpenMax} open at most, {allocated} B.");
        Assert.Equal((0L, 1_000, 0), (allocated, tally.Asked, node.Node.ContactCount));
        Assert.InRange(tally.OpenMax, 1, 256);
        Assert.True(tally.Answered >= tally.Asked * 99 / 100, $"only {tally.Answered} of {tally.Asked}");
    }

    /// <summary>
    /// The throttle's table filled with a million addresses over and over, every key another: the victim, within its
    /// rate, is passed each time. It holds no place that another could take from it: without one it is a
    /// newcomer, and newcomers pass.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void AFullThrottle_PassesAVictimWithinItsRate(IpFamily family)
    {
        for (ulong seed = 1; seed <= 3; seed++)
        {
            var random = new SeededRandomSource(seed);
            var throttle = new AddressThrottle(
                20, 60, 16_384, new EndpointHasher(random.NextUInt64(), random.NextUInt64()));
            Instant now = Instant.Zero + TimeSpan.FromHours(1);
            int passed = 0;
            for (int i = 0; i < 1_000_000; i++)
            {
                if (i % 1_000 == 0)
                {
                    now += TimeSpan.FromMilliseconds(100);
                    passed += throttle.TryPass(TestEndpoints.Public(family, 5), now) ? 1 : 0;
                }

                // Each of them three times, so that their entries are busier than the victim's.
                throttle.TryPass(Forged(family, i / 3), now);
            }

            Assert.True(passed == 1_000, $"seed {seed}: {passed} of 1000");
        }
    }

    /// <summary>Real sockets: one sends as fast as it can for about a second, another pings and is answered.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public async Task OneSenderAtFullSpeed_DoesNotSilenceTheEngine(IpFamily family)
    {
        // Where both share an address its limit would count for both.
        bool apart = family == IpFamily.IPv4 && TestEndpoints.HasManyAddresses;
        await using SocketPair pair = SocketPair.Start(family, apart ? new NodeOptions() : SocketPair.Unthrottled);
        using Socket other = pair.OpenSocket(apart ? "127.0.0.2" : null);
        using Socket flooder = pair.OpenSocket();
        var flooded = Stopwatch.StartNew();
        long sent = 0;
        int answered = 0;
        var thread = new Thread(() =>
        {
            while (flooded.Elapsed < TimeSpan.FromSeconds(1) || Volatile.Read(ref answered) == 0)
            {
                if (flooded.Elapsed > Loopback.Patience)
                {
                    return;
                }

                flooder.Send(FindNode);
                sent++;
            }
        });
        thread.Start();
        var waited = Stopwatch.StartNew();
        while (Volatile.Read(ref answered) < 3 && waited.Elapsed < Loopback.Patience)
        {
            Interlocked.Add(ref answered, pair.TryPing(other) ? 1 : 0);
        }

        thread.Join();
        output.WriteLine($"{family}: {answered} pings answered beside {sent} packets.");
        Assert.InRange(answered, 1, 3);
        Assert.True(pair.Engine.IsRunning);
        Assert.Equal(0, pair.Counters.Faults);
    }

    private static Endpoint Forged(IpFamily family, int number) => family == IpFamily.IPv6
        ? Endpoint.FromIPv6(0x2600_0000_0000_0000 + ((ulong)number << 8), (ulong)number, 6881)
        : Endpoint.FromIPv4(0x40000000 + (uint)number, 6881);

    private static bool IsAnswered(Outbox outbox, in Endpoint asker)
    {
        for (int i = 0; i < outbox.Count; i++)
        {
            if (outbox.Destination(i) == asker && outbox.Datagram(i).EndsWith("1:y1:re"u8))
            {
                return true;
            }
        }

        return false;
    }

    private sealed class Tally
    {
        public int Asked { get; set; }

        public int Answered { get; set; }

        public int OpenMax { get; set; }

        public void Clear() => Asked = Answered = OpenMax = 0;
    }
}
