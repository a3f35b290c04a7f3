using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Storage;
using Dht.Engine.Tests.Buffers;
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
        var store = new PeerStore(4, 100, 3, new SeededRandomSource(1));
        for (ushort i = 1; i <= 3; i++)
        {
            store.TryAdd(Torrent, Peer(i), new Instant(i));
        }

        store.TryAdd(Torrent, Peer(1), new Instant(4));
        Assert.True(store.TryAdd(Torrent, Peer(9), new Instant(5)));
        byte[] room = new byte[100];
        Assert.Equal(18, store.CopyPeers(Torrent, AddressKind.IPv4, room, new Instant(5)));
        var ports = new HashSet<int> { room[5], room[11], room[17] };
        Assert.True(ports.SetEquals([1, 3, 9]), string.Join(',', ports));
    }

    [Fact]
    public void AFullStore_RefusesNewcomersAndRenewsTheRest()
    {
        var store = new PeerStore(2, 3, 3, new SeededRandomSource(1));
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
            store.TryAdd(Torrent, Endpoint.FromIPv6(1, i, i), Instant.Zero);
        }

        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(expected, store.CopyPeers(Torrent, AddressKind.IPv4, new byte[room], Instant.Zero));
        }
    }

    [Fact]
    public void AnUnknownInfoHash_HasNoPeers() =>
        Assert.Equal(0, Store().CopyPeers(Torrent, AddressKind.IPv4, new byte[100], Instant.Zero));

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(1, 0, 1)]
    [InlineData(1, 1, 0)]
    public void BoundsThatAreNotPositive_AreRefused(int infoHashes, int peers, int perInfoHash) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PeerStore(infoHashes, peers, perInfoHash, new SeededRandomSource(1)));

    [Fact]
    public void Use_AllocatesNothing() => Assert.Equal(0, Allocations.OnThread(Store(), static store =>
    {
        Span<byte> room = stackalloc byte[240];
        for (ushort i = 1; i < 500; i++)
        {
            store.TryAdd(Torrent, Peer(i), new Instant(i));
            store.CopyPeers(Torrent, AddressKind.IPv4, room, new Instant(i));
            store.CopySamples(room);
        }

        store.Expire(Instant.Zero + TimeSpan.FromDays(1));
    }));

    private static PeerStore Store() => new(16, 256, 32, new SeededRandomSource(1));

    private static int Copy(PeerStore store, Instant now) => store.CopyPeers(Torrent, AddressKind.IPv4, new byte[100], now);

    private static Endpoint Peer(ushort port) => Endpoint.FromIPv4(0x08080808, port);
}
