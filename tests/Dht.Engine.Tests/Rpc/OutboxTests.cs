using Dht.Engine.Addressing;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Rpc;

public sealed class OutboxTests
{
    private static readonly Endpoint Somebody = Endpoint.Parse("8.8.8.8:6881");

    [Fact]
    public void StagedDatagrams_KeepTheirBytesAndDestinations()
    {
        var outbox = new Outbox(4, 4 * Outbox.DatagramSizeMax, AddressPolicy.Public);
        Stage(outbox, Somebody, 1, 10);
        Stage(outbox, Somebody.WithPort(2), 2, Outbox.DatagramSizeMax);
        Assert.Equal(2, outbox.Count);
        Assert.Equal(Somebody, outbox.Destination(0));
        Assert.Equal(Somebody.WithPort(2), outbox.Destination(1));
        Assert.Equal(Enumerable.Repeat((byte)1, 10), outbox.Datagram(0).ToArray());
        Assert.Equal(Enumerable.Repeat((byte)2, Outbox.DatagramSizeMax), outbox.Datagram(1).ToArray());
        Assert.Equal(10, outbox.StartOf(1));
        outbox.Clear();
        Assert.Equal(0, outbox.Count);
    }

    [Fact]
    public void TheBoundOfDatagrams_Holds()
    {
        var outbox = new Outbox(2, 100 * Outbox.DatagramSizeMax, AddressPolicy.Public);
        Stage(outbox, Somebody, 1, 1);
        Assert.True(outbox.HasRoom);
        Stage(outbox, Somebody, 1, 1);
        Assert.False(outbox.HasRoom);
        Assert.Equal(StageResult.Full, outbox.TryReserve(Somebody, out Span<byte> place));
        Assert.True(place.IsEmpty);
        outbox.Clear();
        Assert.Equal(StageResult.Ready, outbox.TryReserve(Somebody, out _));
    }

    [Fact]
    public void TheBoundOfBytes_Holds()
    {
        var outbox = new Outbox(100, (2 * Outbox.DatagramSizeMax) - 1, AddressPolicy.Public);
        Stage(outbox, Somebody, 1, Outbox.DatagramSizeMax - 1);
        Assert.True(outbox.HasRoom);
        Stage(outbox, Somebody, 1, 1);
        Assert.False(outbox.HasRoom);
        Assert.Equal(StageResult.Full, outbox.TryReserve(Somebody, out _));
    }

    [Theory]
    [InlineData("127.0.0.1:6881")]
    [InlineData("10.0.0.1:6881")]
    [InlineData("8.8.8.8:0")]
    [InlineData("[::1]:6881")]
    [InlineData("[::ffff:8.8.8.8]:6881")]
    public void AForbiddenDestination_IsRefusedAndCounted(string destination)
    {
        var outbox = new Outbox(1, Outbox.DatagramSizeMax, AddressPolicy.Public);
        Assert.Equal(StageResult.Forbidden, outbox.TryReserve(Endpoint.Parse(destination), out Span<byte> place));
        Assert.True(place.IsEmpty);
        Assert.Equal(1, outbox.RefusedByPolicy);
        Assert.Equal(0, outbox.Count);
    }

    [Theory]
    [InlineData(IpFamily.IPv4, true, false, IpFamily.None)]
    [InlineData(IpFamily.IPv6, false, true, IpFamily.None)]
    [InlineData(IpFamily.Both, true, true, IpFamily.Both)]
    public void AFamilyThatTheSocketDoesNotReach_IsRefused_AndNotAskedForByName(
        IpFamily reachable, bool reachesIPv4, bool reachesIPv6, IpFamily want)
    {
        Endpoint somebody6 = TestEndpoints.Public(IpFamily.IPv6, 1);
        var outbox = new Outbox(1, Outbox.DatagramSizeMax, AddressPolicy.Public, reachable);
        Assert.Equal((reachesIPv4, reachesIPv6), (outbox.Allows(Somebody), outbox.Allows(somebody6)));
        Assert.Equal(reachesIPv4 ? StageResult.Ready : StageResult.Forbidden, outbox.TryReserve(Somebody, out _));
        Assert.Equal(reachesIPv6 ? StageResult.Ready : StageResult.Forbidden, outbox.TryReserve(somebody6, out _));
        Assert.Equal((reachesIPv4 ? 0 : 1) + (reachesIPv6 ? 0 : 1), outbox.RefusedByPolicy);
        Assert.Equal(want, outbox.Want);
    }

    [Fact]
    public void CommittingNothing_StagesNothing()
    {
        var outbox = new Outbox(1, Outbox.DatagramSizeMax, AddressPolicy.Public);
        Assert.Equal(StageResult.Ready, outbox.TryReserve(Somebody, out _));
        outbox.Commit(0);
        Assert.Equal(0, outbox.Count);
        Assert.True(outbox.HasRoom);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(Outbox.DatagramSizeMax + 1)]
    public void CommittingMoreThanWasReserved_IsMisuse(int length)
    {
        var outbox = new Outbox(1, 4 * Outbox.DatagramSizeMax, AddressPolicy.Public);
        outbox.TryReserve(Somebody, out _);
        Assert.Throws<ArgumentOutOfRangeException>(() => outbox.Commit(length));
        Assert.Equal(0, outbox.Count);
    }

    [Fact]
    public void CommittingWithoutAReservation_IsMisuse()
    {
        var outbox = new Outbox(4, 4 * Outbox.DatagramSizeMax, AddressPolicy.Public);
        Assert.Throws<InvalidOperationException>(() => outbox.Commit(1));
        Stage(outbox, Somebody, 1, 1);
        Assert.Throws<InvalidOperationException>(() => outbox.Commit(1));
        outbox.TryReserve(Somebody, out _);
        outbox.TryReserve(Endpoint.Parse("127.0.0.1:1"), out _);
        Assert.Throws<InvalidOperationException>(() => outbox.Commit(1));
        Assert.Equal(1, outbox.Count);
    }

    [Theory]
    [InlineData(0, 2000)]
    [InlineData(1, Outbox.DatagramSizeMax - 1)]
    public void BoundsThatHoldNoDatagram_AreRefused(int datagrams, int bytes) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Outbox(datagrams, bytes, AddressPolicy.Public));

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 40)]
    public void RandomUse_KeepsTheOrderOfTheSlab(int seed, int datagrams)
    {
        var random = new SeededRandomSource((ulong)seed);
        var outbox = new Outbox(datagrams, 10 * Outbox.DatagramSizeMax, AddressPolicy.Public);
        var staged = new List<byte[]>();
        for (int step = 0; step < 5_000; step++)
        {
            if (random.Next(30) == 0)
            {
                outbox.Clear();
                staged.Clear();
            }
            else if (outbox.TryReserve(Somebody, out Span<byte> place) == StageResult.Ready && random.Next(5) != 0)
            {
                int length = random.Next(2) == 0 ? random.Next(20) : 1 + random.Next(Outbox.DatagramSizeMax);
                random.Fill(place[..length]);
                staged.AddRange(length > 0 ? [place[..length].ToArray()] : []);
                outbox.Commit(length);
            }

            outbox.CheckInvariants();
            Assert.Equal(staged.Count, outbox.Count);
            for (int i = 0; i < staged.Count; i++)
            {
                Assert.True(outbox.Datagram(i).SequenceEqual(staged[i]), $"seed {seed}, step {step}: datagram {i}");
            }
        }
    }

    [Fact]
    public void Staging_AllocatesNothing()
    {
        var staged = new Outbox(64, 64 * Outbox.DatagramSizeMax, AddressPolicy.Public);
        Assert.Equal(0, AllocationGuard.OnThread(staged, static outbox =>
        {
            for (int i = 0; i < 1000; i++)
            {
                if (outbox.TryReserve(Somebody, out Span<byte> place) == StageResult.Ready)
                {
                    outbox.Commit(place[0] = 7);
                }
                else
                {
                    outbox.Clear();
                }
            }
        }));
    }

    private static void Stage(Outbox outbox, Endpoint destination, byte fill, int length)
    {
        Assert.Equal(StageResult.Ready, outbox.TryReserve(destination, out Span<byte> place));
        Assert.Equal(Outbox.DatagramSizeMax, place.Length);
        place[..length].Fill(fill);
        outbox.CheckInvariants();
        outbox.Commit(length);
        outbox.CheckInvariants();
    }
}
