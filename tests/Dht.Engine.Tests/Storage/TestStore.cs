using Dht.Engine.Randomness;
using Dht.Engine.Storage;

namespace Dht.Engine.Tests.Storage;

/// <summary>Creates peer stores from three numbers.</summary>
internal static class TestStore
{
    public static PeerStore Create(int infoHashes, int peers, int peersPerInfoHash, IRandomSource random)
    {
        var options = new PeerStoreOptions
        {
            InfoHashCapacity = infoHashes,
            PeerCapacity = peers,
            PeersPerInfoHash = peersPerInfoHash,
        };
        return new PeerStore(options, random);
    }
}
