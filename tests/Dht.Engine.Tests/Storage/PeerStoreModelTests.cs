using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Storage;

public sealed class PeerStoreModelTests
{
    [Theory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(2, 3, 7, 4)]
    [InlineData(3, 8, 40, 5)]
    [InlineData(4, 5, 1000, 10)]
    [InlineData(5, 33, 64, 64)]
    [InlineData(6, 100, 2000, 3)]
    [InlineData(7, 40, 300, 20)]
    [InlineData(8, 2, 400, 200)]
    [InlineData(9, 17, 17, 17)]
    [InlineData(10, 300, 2000, 300)]
    public void RandomUse_BehavesLikeTheModel(int seed, int infoHashes, int peers, int perInfoHash)
    {
        var random = new SeededRandomSource((ulong)seed);
        var store = TestStore.Create(infoHashes, peers, perInfoHash, new SeededRandomSource((ulong)seed + 50));
        var model = new PeerModel(infoHashes, peers, perInfoHash);
        InfoHash[] known = [.. Enumerable.Range(0, (2 * infoHashes) + 1).Select(_ => InfoHash.Random(random))];
        Instant now = Instant.Zero;
        byte[] room = new byte[18 * 1024];
        for (int step = 0; step < 20_000; step++)
        {
            string where = $"seed {seed}, step {step}";
            now += TimeSpan.FromSeconds(random.Next(60)) + TimeSpan.FromTicks(1);
            InfoHash infoHash = known[random.Next(known.Length)];
            Endpoint peer = RandomPeer(random, perInfoHash);
            if (random.Next(20) == 0)
            {
                store.Expire(now);
                model.Expire(now);
            }
            else
            {
                Assert.True(model.TryAdd(infoHash, peer, now) == store.TryAdd(infoHash, peer, now), where);
            }

            store.CheckInvariants();
            Assert.True(model.PeerCount == store.PeerCount && model.InfoHashCount == store.InfoHashCount, where);
            int length = store.CopyPeers(infoHash, peer.Family, room, now);
            Assert.True(
                Parse(room.AsSpan(0, length), peer.Family, where).SetEquals(model.Peers(infoHash, peer.Family, now)),
                where);
            int samples = store.CopySamples(room);
            Assert.True(ParseSamples(room.AsSpan(0, samples), where).SetEquals(model.InfoHashes), where);
        }
    }

    private static Endpoint RandomPeer(SeededRandomSource random, int spread)
    {
        uint number = (uint)random.Next((2 * spread) + 1);
        ushort port = (ushort)(1 + random.Next(8));

        // A few of each site, some tens of each network, and over IPv6 several of each block.
        return random.Next(2) == 0
            ? Endpoint.FromIPv6(
                0x2A00_0000_0000_0000 + ((ulong)(number / 128) << 32) + ((ulong)(number / 64 % 2) << 16)
                    + ((ulong)(number / 32 % 2) << 8) + (ulong)(number / 4 % 8),
                number,
                port)
            : Endpoint.FromIPv4(0x08000000 + ((number / 64) << 8) + (number / 2), port);
    }

    private static HashSet<Endpoint> Parse(ReadOnlySpan<byte> bytes, IpFamily family, string where)
    {
        int size = family == IpFamily.IPv6 ? 18 : 6;
        var found = new HashSet<Endpoint>();
        for (; !bytes.IsEmpty; bytes = bytes[size..])
        {
            Assert.True(Endpoint.TryReadCompact(bytes[..size], out Endpoint peer) && found.Add(peer), where);
        }

        return found;
    }

    private static HashSet<InfoHash> ParseSamples(ReadOnlySpan<byte> bytes, string where)
    {
        var found = new HashSet<InfoHash>();
        for (; !bytes.IsEmpty; bytes = bytes[20..])
        {
            Assert.True(found.Add(new InfoHash(bytes[..20])), where);
        }

        return found;
    }
}
