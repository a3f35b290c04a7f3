using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Invariants;
using Dht.Engine.Randomness;
using Dht.Engine.Storage;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Storage;

public sealed class GuardedStoreTests
{
    private static readonly Endpoint Peer = Endpoint.Parse("8.8.8.8:6881");

    private readonly List<Exception> _reported = [];
    private readonly MoodyStore _store = new();
    private readonly byte[] _room = new byte[120];

    [Fact]
    public void OurStore_IsLeftAsItIs()
    {
        var ours = TestStore.Create(1, 1, 1, new SeededRandomSource(1));
        Assert.Same(ours, GuardedStore.Wrap(ours, _reported.Add));
        IPeerStore guarded = GuardedStore.Wrap(_store, _reported.Add);
        Assert.Same(guarded, GuardedStore.Wrap(guarded, _reported.Add));
    }

    [Fact]
    public void WhatAStoreSays_PassesThrough()
    {
        IPeerStore guarded = GuardedStore.Wrap(_store, _reported.Add);
        Assert.Equal((7, 3), (guarded.PeerCount, guarded.InfoHashCount));
        Assert.True(guarded.TryAdd(default, Peer, default));
        Assert.Equal(36, guarded.CopyPeers(default, IpFamily.IPv6, _room, default));
        Assert.Equal(12, guarded.CopyPeers(default, IpFamily.IPv4, _room, default));
        Assert.Equal(40, guarded.CopySamples(_room));
        guarded.Expire(default);
        Assert.Equal(1, _store.Expired);
        Assert.Empty(_reported);
    }

    [Fact]
    public void WhatAStoreThrows_IsReportedAndIsAnEmptyAndFullOne()
    {
        IPeerStore guarded = GuardedStore.Wrap(_store, _reported.Add);
        _store.Fault = new NotSupportedException("not today");
        Assert.Equal((0, 0), (guarded.PeerCount, guarded.InfoHashCount));
        Assert.False(guarded.TryAdd(default, Peer, default));
        Assert.Equal(0, guarded.CopyPeers(default, IpFamily.IPv4, _room, default));
        Assert.Equal(0, guarded.CopySamples(_room));
        guarded.Expire(default);
        Assert.Equal(Enumerable.Repeat(_store.Fault, 6), _reported);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, -20)]
    [InlineData(7, 0)]
    [InlineData(0, 21)]
    [InlineData(126, 0)]
    [InlineData(0, 140)]
    public void ALengthThatCannotBe_IsAFault(int peers, int samples)
    {
        IPeerStore guarded = GuardedStore.Wrap(_store, _reported.Add);
        (_store.PeerBytes, _store.SampleBytes) = (peers, samples);
        Assert.Equal(0, guarded.CopyPeers(default, IpFamily.IPv4, _room, default));
        Assert.Equal(0, guarded.CopySamples(_room));
        Assert.IsType<InvalidOperationException>(Assert.Single(_reported));
    }

    [Fact]
    public void ABrokenInvariant_PassesTheGuard()
    {
        IPeerStore guarded = GuardedStore.Wrap(_store, _reported.Add);
        _store.Fault = new InvariantException("broken");
        Assert.Throws<InvariantException>(() => guarded.PeerCount);
        Assert.Throws<InvariantException>(() => guarded.InfoHashCount);
        Assert.Throws<InvariantException>(() => guarded.TryAdd(default, Peer, default));
        Assert.Throws<InvariantException>(() => guarded.CopyPeers(default, IpFamily.IPv4, _room, default));
        Assert.Throws<InvariantException>(() => guarded.CopySamples(_room));
        Assert.Throws<InvariantException>(() => guarded.Expire(default));
        Assert.Empty(_reported);
    }

    private sealed class MoodyStore : IPeerStore
    {
        public Exception? Fault { get; set; }

        public int? PeerBytes { get; set; }

        public int SampleBytes { get; set; } = 40;

        public int Expired { get; private set; }

        public int PeerCount => Say(7);

        public int InfoHashCount => Say(3);

        public bool TryAdd(in InfoHash infoHash, in Endpoint peer, Instant now) => Say(1) == 1;

        public int CopyPeers(in InfoHash infoHash, IpFamily family, Span<byte> destination, Instant now) =>
            Say(PeerBytes ?? (family == IpFamily.IPv6 ? 36 : 12));

        public int CopySamples(Span<byte> destination) => Say(SampleBytes);

        public void Expire(Instant now) => Expired += Say(1);

        private int Say(int value) => Fault != null ? throw Fault : value;
    }
}
