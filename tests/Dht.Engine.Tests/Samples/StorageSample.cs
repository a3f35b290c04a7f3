using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Storage;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Samples;

/// <summary>A peer store of one's own, and an address policy.</summary>
internal static class StorageSample
{
    public static NodeOptions Store(IReadOnlySet<InfoHash> listed, IRandomSource random)
    {
        // sample: use a peer store
        var bounds = new PeerStoreOptions { InfoHashCapacity = 1_000, PeerCapacity = 20_000, PeersPerInfoHash = 200 };
        var options = new NodeOptions { PeerStore = new ListedTorrents(listed, new PeerStore(bounds, random)) };
        // end
        return options;
    }

    public static (IAddressPolicy Policy, Action<Endpoint> Block) Policy(IAddressPolicy rules)
    {
        var policy = new OptOutPolicy(rules);
        return (policy, endpoint => policy.Block(endpoint));
    }

    // sample: peer store
    private sealed class ListedTorrents(IReadOnlySet<InfoHash> listed, IPeerStore inner) : IPeerStore
    {
        public int PeerCount => inner.PeerCount;

        public int InfoHashCount => inner.InfoHashCount;

        public bool TryAdd(in InfoHash infoHash, in Endpoint peer, Instant now) =>
            listed.Contains(infoHash) && inner.TryAdd(infoHash, peer, now);

        public int CopyPeers(in InfoHash infoHash, IpFamily family, Span<byte> destination, Instant now) =>
            inner.CopyPeers(infoHash, family, destination, now);

        public int CopySamples(Span<byte> destination) => inner.CopySamples(destination);

        public void Expire(Instant now) => inner.Expire(now);
    }
    // end

    // sample: address policy
    private sealed class OptOutPolicy(IAddressPolicy rules) : IAddressPolicy
    {
        private volatile HashSet<Endpoint> _blocked = [];

        public AddressVerdict Check(in Endpoint endpoint) =>
            _blocked.Contains(endpoint.WithPort(0)) ? AddressVerdict.Blocked : rules.Check(endpoint);

        // From any thread: the set that the engine reads never changes.
        public void Block(in Endpoint address) => _blocked = [.. _blocked, address.WithPort(0)];
    }
    // end
}
