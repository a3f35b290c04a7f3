using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Crawling;

public class KnownSetTests
{
    private static readonly EndpointHasher Hasher = new(0x0123456789ABCDEF, 0xFEDCBA9876543210);

    [Theory]
    [InlineData(1, IpFamily.IPv4)]
    [InlineData(2, IpFamily.IPv4)]
    [InlineData(1, IpFamily.IPv6)]
    [InlineData(2, IpFamily.IPv6)]
    public void RandomAddsAndFinds_AgreeWithADictionary(ulong seed, IpFamily family)
    {
        const int steps = 300_000;
        var random = new SeededRandomSource(seed);
        var set = new KnownSet(family, 0, int.MaxValue / 8, Hasher);
        var model = new Dictionary<Endpoint, int>();
        for (int i = 0; i < steps; i++)
        {
            // A narrow space, so that many come twice; ports and addresses alike.
            Endpoint endpoint = EndpointOf(family, random.NextUInt32() % 40_000, (ushort)(random.NextUInt32() % 8));
            bool known = model.TryGetValue(endpoint, out int expected);
            if (i % 3 == 0)
            {
                Assert.True(set.IndexOf(endpoint) == (known ? expected : KnownSet.None), $"seed {seed}, step {i}");
                continue;
            }

            bool added = set.TryAdd(endpoint, PrefixOf(i), (uint)i, out int node);
            Assert.True(added != known && node == (known ? expected : model.Count), $"seed {seed}, step {i}");
            if (added)
            {
                model.Add(endpoint, node);
                KnownNode record = set[node];
                record.State = new CrawlState((byte)i);
                record.Asks = (byte)(i >> 8);
                record.Reach = (i >> 4) & 63;
            }
        }

        set.CheckInvariants();
        Assert.Equal(model.Count, set.Count);
        Assert.True(set.Count > 2 * 65_536, $"seed {seed}: several chunks");
        foreach ((Endpoint endpoint, int node) in model)
        {
            Assert.True(set.IndexOf(endpoint) == node && set[node].Endpoint == endpoint, $"seed {seed}: {endpoint}");
        }
    }

    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void AllFieldsOfARecord_SurviveGrowth(IpFamily family)
    {
        const int count = 200_000;
        var set = new KnownSet(family, 64, count, Hasher);
        for (int i = 0; i < count; i++)
        {
            Assert.True(set.TryAdd(EndpointOf(family, (uint)i, 6881), PrefixOf(i), (uint)i * 3, out int node));
            KnownNode record = set[node];
            Assert.True(node == i && record is { State.Value: 0, Asks: 0, Reach: 0 }, "a new record is blank");
            record.State = new CrawlState((byte)(i + 1));
            record.Asks = (byte)(i + 2);
            (record.Reach, record.Refusals) = ((i + 3) & 63, i & 3);
            record.IdPrefix = ~PrefixOf(i);
        }

        for (int i = 0; i < count; i++)
        {
            KnownNode record = set[i];
            bool same = record.Endpoint == EndpointOf(family, (uint)i, 6881) && record.IdPrefix == ~PrefixOf(i)
                && record.FirstSeen == (uint)i * 3 && record.State.Value == (byte)(i + 1)
                && record.Asks == (byte)(i + 2) && record.Reach == ((i + 3) & 63)
                && record.Refusals == (i & 3);
            Assert.True(same, $"record {i}");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    public void BeyondTheBound_NothingIsAdded(int max)
    {
        var set = new KnownSet(IpFamily.IPv4, 0, max, Hasher);
        for (int i = 0; i < max; i++)
        {
            Assert.True(set.TryAdd(EndpointOf(IpFamily.IPv4, (uint)i, 1), 0, 0, out _));
        }

        Assert.False(set.TryAdd(EndpointOf(IpFamily.IPv4, (uint)max, 1), 0, 0, out int node));
        Assert.Equal(KnownSet.None, node);
        Assert.False(set.TryAdd(EndpointOf(IpFamily.IPv4, 0, 1), 0, 0, out node));
        Assert.Equal(0, node);
        Assert.Equal(max, set.Count);
        set.CheckInvariants();
        Assert.Equal(KnownSet.None, set.IndexOf(EndpointOf(IpFamily.IPv4, (uint)max, 1)));
    }

    [Theory]
    [InlineData(64)]
    [InlineData(95)]
    [InlineData(96)]
    [InlineData(49_152)]
    [InlineData(65_536)]
    [InlineData(70_000)]
    public void WithinItsInitialCapacity_ItAllocatesNothing(int capacity)
    {
        var set = new KnownSet(IpFamily.IPv4, capacity, capacity, Hasher);
        long memory = set.MemoryBytes;
        long allocated = AllocationGuard.OnThread(
            static () => Fill(new KnownSet(IpFamily.IPv4, 64, 64, Hasher), 64), () => Fill(set, capacity));
        Assert.Equal(0, allocated);
        Assert.Equal(memory, set.MemoryBytes);
        Assert.Equal(capacity, set.Count);
    }

    [Fact]
    public void MemoryPerNode_StaysBelow40Bytes()
    {
        const int count = 10_000_000;
        var set = new KnownSet(IpFamily.IPv4, 0, count, Hasher);
        double worst = 0;
        double atOneMillion = 0;
        long memory = set.MemoryBytes;
        for (int i = 0; i < count; i++)
        {
            set.TryAdd(EndpointOf(IpFamily.IPv4, (uint)i, 6881), 0, 0, out _);
            if (set.MemoryBytes != memory && i >= 1_000_000)
            {
                memory = set.MemoryBytes;
                worst = Math.Max(worst, memory / (i + 1.0));
            }

            atOneMillion = i == 999_999 ? set.MemoryBytes / 1e6 : atOneMillion;
        }

        Assert.InRange(atOneMillion, 21 + (5 * 4 / 3.0), 40);
        Assert.InRange(worst, atOneMillion - 10, 40);
        Assert.InRange(set.MemoryBytes / (double)count, 21, 40);
    }

    [Fact]
    public void AnIPv4AndAnIPv6Endpoint_OfTheSameBits_DifferInTheirSets()
    {
        var four = new KnownSet(IpFamily.IPv4, 0, 10, Hasher);
        var six = new KnownSet(IpFamily.IPv6, 0, 10, Hasher);
        Assert.True(four.TryAdd(Endpoint.FromIPv4(7, 7), 1, 0, out _));
        Assert.True(six.TryAdd(Endpoint.FromIPv6(0, 7, 7), 2, 0, out _));
        Assert.Equal(Endpoint.FromIPv4(7, 7), four[0].Endpoint);
        Assert.Equal(Endpoint.FromIPv6(0, 7, 7), six[0].Endpoint);
    }

    private static void Fill(KnownSet set, int count)
    {
        for (int i = 0; i < count; i++)
        {
            set.TryAdd(EndpointOf(IpFamily.IPv4, (uint)i, 6881), 0, 0, out _);
        }
    }

    private static ulong PrefixOf(int i) => SeededRandomSource.Mix((ulong)i);

    private static Endpoint EndpointOf(IpFamily family, uint host, ushort port) => family == IpFamily.IPv6
        ? Endpoint.FromIPv6(0x2001_4860_0000_0000ul | (host >> 4), host, port)
        : Endpoint.FromIPv4(0x08000000 + host, port);
}
