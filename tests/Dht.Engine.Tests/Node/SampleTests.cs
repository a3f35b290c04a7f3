using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Storage;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Node;

/// <summary>BEP 51: the samples are one set for everybody, until the interval that is announced is over.</summary>
public sealed class SampleTests
{
    private readonly NodeHarness _node = new();
    private readonly SeededRandomSource _random = new(3);

    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void WithinTheInterval_AllAskersTogetherLearnTwenty(IpFamily family)
    {
        Store(200);
        HashSet<InfoHash> first = Sample(family, 1, out int interval);
        Assert.Equal((20, 60), (first.Count, interval));
        for (int second = 0; second < 60; second += 6)
        {
            Assert.Equal(first, Sample(family, 2 + second, out interval));
            Assert.Equal(60 - second, interval);
            _node.Advance(TimeSpan.FromSeconds(6));
        }

        HashSet<InfoHash> next = Sample(family, 100, out interval);
        Assert.Equal((20, 60), (next.Count, interval));
        Assert.NotEqual(first, next);
        Assert.Equal(next, Sample(family, 101, out _));
    }

    [Fact]
    public void WhoHasRoomForFewer_LearnsNoOthers()
    {
        Store(200);
        HashSet<InfoHash> all = Sample(IpFamily.IPv4, 1, out _);
        string longest = Fill(255);
        string reply = _node.Ask(Bytes(
            $"d1:ad2:id20:{IdA}6:target20:{IdB}4:wantl2:n42:n6ee1:q17:sample_infohashes1:t{Str(longest)}1:y1:qe"));
        KrpcMessage.Parse(Bytes(reply), out KrpcMessage message);
        Assert.Subset(all, Read(message));
    }

    /// <summary>A young store does not seem empty for a minute, but nobody learns of more than twenty.</summary>
    [Fact]
    public void ASetThatIsNotFull_GrowsWithTheStore()
    {
        Assert.Empty(Sample(IpFamily.IPv4, 1, out _));
        Store(5);
        HashSet<InfoHash> five = Sample(IpFamily.IPv4, 2, out _);
        Assert.Equal(5, five.Count);
        Store(100);
        HashSet<InfoHash> twenty = Sample(IpFamily.IPv4, 3, out _);
        Assert.Equal(20, twenty.Count);
        Assert.Subset(twenty, five);
        Store(100);
        Assert.Equal(twenty, Sample(IpFamily.IPv6, 4, out _));
    }

    [Fact]
    public void NoMoreIsSampled_ThanIsStored()
    {
        Store(20);
        Assert.Equal(20, Sample(IpFamily.IPv4, 1, out _).Count);
        _node.Node.Peers.Expire(_node.Now + PeerStore.PeerLifetime + TimeSpan.FromSeconds(1));
        Assert.Empty(Sample(IpFamily.IPv4, 2, out _));
    }

    /// <summary>
    /// An infohash whose peers are all of the other family is sampled, too: a sample says that a torrent is there, and
    /// get_peers asks the whole network, not us.
    /// </summary>
    [Fact]
    public void TheFamilyOfThePeers_MakesNoDifference()
    {
        Assert.True(_node.Node.Peers.TryAdd(
            InfoHash.Random(_random), TestEndpoints.Public(IpFamily.IPv6, 1), _node.Now));
        Assert.Single(Sample(IpFamily.IPv4, 1, out _));
        Assert.Single(Sample(IpFamily.IPv6, 1, out _));
    }

    [Fact]
    public void AClockThatIsSetBack_StopsNothing()
    {
        Store(200);
        HashSet<InfoHash> first = Sample(IpFamily.IPv4, 1, out _);
        _node.Node.Receive(
            Query("sample_infohashes", $"6:target20:{IdB}"), NodeHarness.Asker, _node.Now - TimeSpan.FromHours(1));
        KrpcMessage.Parse(_node.Take()[0].Datagram, out KrpcMessage message);
        Assert.Equal((20, 60), (Read(message).Count, message.Interval));
        Assert.NotEqual(first, Read(message));
    }

    private void Store(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Assert.True(_node.Node.Peers.TryAdd(
                InfoHash.Random(_random), TestEndpoints.Public(IpFamily.IPv4, _random.Next(1 << 14)), _node.Now));
        }
    }

    private HashSet<InfoHash> Sample(IpFamily family, int asker, out int interval)
    {
        string reply = _node.Ask(
            Query("sample_infohashes", $"6:target20:{IdB}"), TestEndpoints.Public(family, asker));
        Assert.Equal(KrpcFault.None, KrpcMessage.Parse(Bytes(reply), out KrpcMessage message));
        Assert.Equal(_node.Node.Peers.InfoHashCount, message.Num);
        interval = message.Interval;
        return Read(message);
    }

    private static HashSet<InfoHash> Read(in KrpcMessage message)
    {
        var samples = new HashSet<InfoHash>();
        for (ReadOnlySpan<byte> rest = message.Samples; !rest.IsEmpty; rest = rest[InfoHash.Size..])
        {
            Assert.True(samples.Add(new InfoHash(rest[..InfoHash.Size])));
        }

        return samples;
    }
}
