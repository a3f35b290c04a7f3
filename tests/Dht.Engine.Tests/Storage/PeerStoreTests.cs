using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;
using Dht.Engine.Storage;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Storage;

public sealed class PeerStoreTests
{
    private static readonly InfoHash Torrent = InfoHash.Parse("0123456789abcdef0123456789abcdef01234567");

    [Fact]
    public void APeer_LivesItsLifetimeAndNoLonger()
    {
        PeerStore store = Store();
        store.TryAdd(Torrent, Peer(1), Instant.Zero);
        Instant last = Instant.Zero + PeerStore.PeerLifetime;
        Assert.Equal(6, Copy(store, last));
        Assert.Equal(0, Copy(store, last + TimeSpan.FromTicks(1)));
        store.Expire(last);
        Assert.Equal(1, store.PeerCount);
        store.Expire(last + TimeSpan.FromTicks(1));
        Assert.Equal(0, store.PeerCount);
        Assert.Equal(0, store.InfoHashCount);
        Assert.Equal(0, store.CopySamples(new byte[400]));
    }

    [Fact]
    public void AnAnnounceAgain_RenewsAPeer()
    {
        PeerStore store = Store();
        store.TryAdd(Torrent, Peer(1), Instant.Zero);
        Instant later = Instant.Zero + PeerStore.PeerLifetime;
        Assert.True(store.TryAdd(Torrent, Peer(1), later));
        Assert.Equal(1, store.PeerCount);
        store.Expire(later + PeerStore.PeerLifetime);
        Assert.Equal(6, Copy(store, later + PeerStore.PeerLifetime));
    }

    [Fact]
    public void AFullInfoHash_LosesItsOldestPeer()
    {
        var store = TestStore.Create(4, 100, 3, new SeededRandomSource(1));
        for (ushort i = 1; i <= 3; i++)
        {
            store.TryAdd(Torrent, Peer(i), new Instant(i));
        }

        store.TryAdd(Torrent, Peer(1), new Instant(4));
        Assert.True(store.TryAdd(Torrent, Peer(9), new Instant(5)));
        byte[] room = new byte[100];
        Assert.Equal(18, store.CopyPeers(Torrent, IpFamily.IPv4, room, new Instant(5)));
        var ports = new HashSet<int> { room[5], room[11], room[17] };
        Assert.True(ports.SetEquals([1, 3, 9]), string.Join(',', ports));
    }

    [Fact]
    public void AFullStore_RefusesNewcomersAndRenewsTheRest()
    {
        var store = TestStore.Create(2, 3, 3, new SeededRandomSource(1));
        InfoHash other = InfoHash.Random(new SeededRandomSource(5));
        InfoHash third = InfoHash.Random(new SeededRandomSource(6));
        Assert.True(store.TryAdd(Torrent, Peer(1), Instant.Zero));
        Assert.True(store.TryAdd(other, Peer(1), Instant.Zero));
        Assert.False(store.TryAdd(third, Peer(1), Instant.Zero));
        Assert.True(store.TryAdd(other, Peer(2), Instant.Zero));
        Assert.False(store.TryAdd(Torrent, Peer(2), Instant.Zero));
        Assert.True(store.TryAdd(Torrent, Peer(1), Instant.Zero));
        Assert.Equal(3, store.PeerCount);
        store.Expire(Instant.Zero + TimeSpan.FromHours(1));
        Assert.True(store.TryAdd(third, Peer(1), Instant.Zero + TimeSpan.FromHours(1)));
    }

    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void OneSite_HasFourPeersOfAnInfoHash_AndPushesOutItsOwnOnly(IpFamily family)
    {
        var store = TestStore.Create(16, 256, 8, new SeededRandomSource(1));
        for (ushort i = 1; i <= 4; i++)
        {
            store.TryAdd(Torrent, Peer(i), Instant.Zero);
        }

        for (ushort port = 1; port <= 100; port++)
        {
            Assert.True(store.TryAdd(Torrent, OfOneSite(family, port), new Instant(port)));
            Assert.Equal(4 + Math.Min((int)port, 4), store.PeerCount);
        }

        byte[] room = new byte[18 * 8];
        int length = store.CopyPeers(Torrent, family, room, Instant.Zero);
        int size = family == IpFamily.IPv4 ? 6 : 18;
        var ports = new HashSet<int>();
        for (int at = 0; at < length; at += size)
        {
            Endpoint.TryReadCompact(room.AsSpan(at, size), out Endpoint peer);
            ports.Add(peer.Port);
        }

        Assert.True(ports.IsSupersetOf([97, 98, 99, 100]), string.Join(',', ports));
        Assert.Equal(4 * (family == IpFamily.IPv4 ? 2 : 1), ports.Count);
    }

    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void OneSite_HasABoundedShareOfTheStore(IpFamily family)
    {
        var random = new SeededRandomSource(3);
        var store = TestStore.Create(4096, 65_536, 500, random);
        InfoHash[] others = [.. Enumerable.Range(0, 300).Select(_ => InfoHash.Random(random))];
        int brought = Enumerable.Range(0, 5_000).Count(
            i => store.TryAdd(InfoHash.Random(random), OfOneSite(family, (ushort)(i + 1)), Instant.Zero));
        Assert.Equal(64, brought);
        Assert.Equal(64, store.InfoHashCount);
        int joined = 0;
        for (ushort i = 0; i < others.Length; i++)
        {
            Assert.True(store.TryAdd(others[i], Peer(i), Instant.Zero));
            joined += store.TryAdd(others[i], OfOneSite(family, 1), Instant.Zero) ? 1 : 0;
        }

        Assert.Equal(256 - 64, joined);
        Instant later = Instant.Zero + PeerStore.PeerLifetime + TimeSpan.FromTicks(1);
        store.Expire(later);
        Assert.True(store.TryAdd(Torrent, OfOneSite(family, 1), later));
    }

    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void OneNetwork_Has16PeersOfAnInfoHash_AndPushesOutItsOwnOnly(IpFamily family)
    {
        var store = TestStore.Create(4096, 65_536, 500, new SeededRandomSource(1));
        for (ushort i = 1; i <= 400; i++)
        {
            Assert.True(store.TryAdd(Torrent, Peer(i), new Instant(i)));
        }

        for (ushort host = 0; host < 250; host++)
        {
            Assert.True(store.TryAdd(Torrent, OfOneNetwork(family, host, 7), new Instant(1_000 + host)));
            Assert.Equal(400 + Math.Min(host + 1, 16), store.PeerCount);
        }

        // The latest are those who are left.
        for (ushort host = 250 - 16; host < 250; host++)
        {
            Assert.True(store.TryAdd(Torrent, OfOneNetwork(family, host, 7), new Instant(2_000)));
            Assert.Equal(416, store.PeerCount);
        }
    }

    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void OneNetwork_HasABoundedShareOfTheStore(IpFamily family)
    {
        var random = new SeededRandomSource(4);
        var store = TestStore.Create(4096, 65_536, 500, random);
        int brought = Enumerable.Range(0, 10_000).Count(
            i => store.TryAdd(InfoHash.Random(random), OfOneNetwork(family, (ushort)(i % 250), 7), Instant.Zero));
        Assert.Equal(64, brought);
        int joined = 0;
        for (int torrent = 0; torrent < 600; torrent++)
        {
            var infoHash = InfoHash.Random(random);
            Assert.True(store.TryAdd(infoHash, Peer((ushort)torrent), Instant.Zero));
            for (ushort host = 0; host < 10; host++)
            {
                joined += store.TryAdd(
                    infoHash, OfOneNetwork(family, (ushort)((torrent + (host * 25)) % 250), 7), Instant.Zero)
                    ? 1
                    : 0;
            }
        }

        Assert.Equal(1024 - 64, joined);
    }

    [Fact]
    public void LocalAddresses_AreNetworksOfTheirOwn()
    {
        var store = TestStore.Create(16, 1_000, 500, new SeededRandomSource(1));
        for (uint host = 1; host <= 200; host++)
        {
            Assert.True(store.TryAdd(Torrent, Endpoint.FromIPv4(0x0A000000 + host, 7), Instant.Zero));
        }

        Assert.Equal(200, store.PeerCount);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(5, 0)]
    [InlineData(6, 6)]
    [InlineData(17, 12)]
    [InlineData(60, 60)]
    [InlineData(240, 60)]
    public void CopyPeers_FillsWhatThereIs(int room, int expected)
    {
        PeerStore store = Store();
        for (ushort i = 1; i <= 10; i++)
        {
            store.TryAdd(Torrent, Peer(i), Instant.Zero);
            store.TryAdd(Torrent, Endpoint.FromIPv6(i, 1, i), Instant.Zero);
        }

        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(expected, store.CopyPeers(Torrent, IpFamily.IPv4, new byte[room], Instant.Zero));
        }
    }

    [Fact]
    public void AnUnknownInfoHash_HasNoPeers() =>
        Assert.Equal(0, Store().CopyPeers(Torrent, IpFamily.IPv4, new byte[100], Instant.Zero));

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(1, 0, 1)]
    [InlineData(1, 1, 0)]
    [InlineData(int.MaxValue, 1, 1)]
    [InlineData(1, int.MaxValue, 1)]
    public void BoundsOutOfRange_AreRefused(int infoHashes, int peers, int perInfoHash) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => TestStore.Create(infoHashes, peers, perInfoHash, new SeededRandomSource(1)));

    [Fact]
    public void Use_AllocatesNothing() => Assert.Equal(0, AllocationGuard.OnThread(Store(), static store =>
    {
        Span<byte> room = stackalloc byte[240];
        for (ushort i = 1; i < 500; i++)
        {
            store.TryAdd(Torrent, Peer(i), new Instant(i));
            store.CopyPeers(Torrent, IpFamily.IPv4, room, new Instant(i));
            store.CopySamples(room);
        }

        store.Expire(Instant.Zero + TimeSpan.FromDays(1));
    }));

    private static Endpoint OfOneSite(IpFamily family, ushort number) => family == IpFamily.IPv4
        ? Endpoint.FromIPv4(0x09090909, number)
        : Endpoint.FromIPv6(0x2001_4860_0000_0000, number, number);

    private static Endpoint OfOneNetwork(IpFamily family, ushort host, ushort port) => family == IpFamily.IPv4
        ? Endpoint.FromIPv4(0x09090900u + host, port)
        : Endpoint.FromIPv6(0x2001_4860_0000_0000ul + host, 1, port);

    private static PeerStore Store() => TestStore.Create(16, 256, 32, new SeededRandomSource(1));

    private static int Copy(PeerStore store, Instant now) =>
        store.CopyPeers(Torrent, IpFamily.IPv4, new byte[100], now);

    /// <summary>Each in a network of its own.</summary>
    private static Endpoint Peer(ushort number) => Endpoint.FromIPv4(0x08080001u + ((uint)number << 8), number);
}
