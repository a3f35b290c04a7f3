using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;
using Dht.Engine.Storage;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Storage;

/// <summary>What one IPv6 /48, one /32, and one family get of a store with the default bounds.</summary>
public sealed class PeerStoreShareTests
{
    private readonly SeededRandomSource _random = new(11);
    private readonly PeerStore _store = TestStore.Create(4_096, 65_536, 500, new SeededRandomSource(1));

    /// <summary>A /48 costs nothing, and has 65,536 sites in 256 networks.</summary>
    [Fact]
    public void OneSlash48_BringsA32ndOfTheInfoHashes()
    {
        int brought = Bring(10_000, i => OfSlash48(i));
        Assert.Equal(128, brought);
        Assert.Equal(3_000, Bring(3_000, i => TestEndpoints.Public(IpFamily.IPv4, i)));
    }

    [Fact]
    public void OneSlash32_BringsAnEighthOfTheInfoHashes()
    {
        int brought = Bring(20_000, i => OfSlash32(i));
        Assert.Equal(512, brought);
        Assert.Equal(3_000, Bring(3_000, i => TestEndpoints.Public(IpFamily.IPv4, i)));
    }

    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void OneFamily_LeavesAnEighthOfTheInfoHashesToTheOther(IpFamily family)
    {
        IpFamily other = family == IpFamily.IPv4 ? IpFamily.IPv6 : IpFamily.IPv4;
        Assert.Equal(3_584, Bring(10_000, i => TestEndpoints.Public(family, i)));
        Assert.Equal(512, Bring(1_000, i => TestEndpoints.Public(other, i)));
        Assert.Equal(4_096, _store.InfoHashCount);
    }

    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void OneFamily_LeavesAnEighthOfThePeersToTheOther(IpFamily family)
    {
        IpFamily other = family == IpFamily.IPv4 ? IpFamily.IPv6 : IpFamily.IPv4;
        InfoHash[] torrents = [.. Enumerable.Range(0, 200).Select(_ => InfoHash.Random(_random))];
        int stored = 0;
        for (int i = 0; i < 80_000; i++)
        {
            stored += _store.TryAdd(torrents[i % 200], TestEndpoints.Public(family, i), Instant.Zero) ? 1 : 0;
        }

        Assert.Equal((57_344, 57_344), (stored, _store.PeerCount));
        for (int i = 0; i < 8_192; i++)
        {
            Assert.True(_store.TryAdd(torrents[i % 200], TestEndpoints.Public(other, i), Instant.Zero));
        }

        Assert.Equal(65_536, _store.PeerCount);
    }

    /// <summary>Announcements over one family push out no peer of the other, however many they are.</summary>
    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void OneFamily_PushesOutNoPeerOfTheOther(IpFamily family)
    {
        IpFamily other = family == IpFamily.IPv4 ? IpFamily.IPv6 : IpFamily.IPv4;
        var torrent = InfoHash.Random(_random);
        for (int i = 0; i < 500; i++)
        {
            Assert.True(_store.TryAdd(torrent, TestEndpoints.Public(family, i), new Instant(i)));
        }

        for (int i = 0; i < 1_200; i++)
        {
            Assert.True(_store.TryAdd(torrent, TestEndpoints.Public(other, i), new Instant(1_000 + i)));
            Assert.Equal(500 + Math.Min(i + 1, 500), _store.PeerCount);
        }

        byte[] room = new byte[18 * 1_024];
        Assert.Equal(
            500 * (family == IpFamily.IPv4 ? 6 : 18), _store.CopyPeers(torrent, family, room, new Instant(3_000)));
    }

    [Fact]
    public void OneSlash48_Has32PeersOfATorrent_AndPushesOutItsOwnOnly()
    {
        var torrent = InfoHash.Random(_random);
        for (int i = 0; i < 400; i++)
        {
            Assert.True(_store.TryAdd(torrent, TestEndpoints.Public(IpFamily.IPv6, i), new Instant(i)));
        }

        for (int i = 0; i < 1_200; i++)
        {
            Assert.True(_store.TryAdd(torrent, OfSlash48(i), new Instant(1_000 + i)));
            Assert.Equal(400 + Math.Min(i + 1, 32), _store.PeerCount);
        }
    }

    [Fact]
    public void OneSlash32_Has128PeersOfATorrent()
    {
        var torrent = InfoHash.Random(_random);
        for (int i = 0; i < 1_200; i++)
        {
            Assert.True(_store.TryAdd(torrent, OfSlash32(i), new Instant(1_000 + i)));
            Assert.Equal(Math.Min(i + 1, 128), _store.PeerCount);
        }
    }

    /// <summary>What a block has brought is free again once it is gone.</summary>
    [Fact]
    public void AShareThatExpired_IsFreeAgain()
    {
        Assert.Equal(128, Bring(1_000, OfSlash48));
        Instant later = Instant.Zero + PeerStore.PeerLifetime + TimeSpan.FromTicks(1);
        _store.Expire(later);
        Assert.Equal(0, _store.InfoHashCount);
        Assert.Equal(128, Bring(1_000, OfSlash48, later));
        _store.CheckInvariants();
    }

    private int Bring(int count, Func<int, Endpoint> announcer, Instant now = default) =>
        Enumerable.Range(0, count).Count(i => _store.TryAdd(InfoHash.Random(_random), announcer(i), now));

    /// <summary>Each in a network of its own as far as there are, and a site of its own.</summary>
    private static Endpoint OfSlash48(int number) => Endpoint.FromIPv6(
        0x2A0F_FFFF_0001_0000 + ((ulong)(number % 256) << 8) + (ulong)(number / 256), 1, 6881);

    /// <summary>Each in a /48 of its own.</summary>
    private static Endpoint OfSlash32(int number) =>
        Endpoint.FromIPv6(0x2A0F_FFFF_0000_0000 + ((ulong)number << 16), 1, 6881);
}
