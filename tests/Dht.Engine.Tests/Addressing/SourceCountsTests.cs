using Dht.Engine.Addressing;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Addressing;

public sealed class SourceCountsTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    [InlineData(3, 48)]
    [InlineData(4, 1000)]
    public void RandomUse_CountsLikeADictionary(int seed, int capacity)
    {
        var random = new SeededRandomSource((ulong)seed);
        var counts = new SourceCounts(capacity, new EndpointHasher(random.NextUInt64(), random.NextUInt64()));
        var model = new Dictionary<Endpoint, int>();
        for (int step = 0; step < 50_000; step++)
        {
            uint number = (uint)random.Next(capacity * 2);
            Endpoint site = number % 2 == 0 ? Endpoint.FromIPv4(number / 4, 0) : Endpoint.FromIPv6(number / 4, 0, 0);
            Endpoint endpoint = site.IsIPv4
                ? site.WithPort((ushort)step)
                : Endpoint.FromIPv6(site.UpperBits, (ulong)step, (ushort)step);
            int count = model.GetValueOrDefault(site);
            Assert.Equal(count, counts.CountOf(endpoint));
            if (count > 0 && random.Next(2) == 0)
            {
                counts.Remove(endpoint);
                model[site] = count - 1;
                _ = count == 1 && model.Remove(site);
            }
            else if (count > 0 || model.Count < capacity)
            {
                counts.Add(endpoint);
                model[site] = count + 1;
            }

            if (capacity < 100 || step % 100 == 0)
            {
                counts.CheckInvariants(model.Values.Sum());
            }
        }
    }

    [Fact]
    public void Use_AllocatesNothing() =>
        Assert.Equal(0, AllocationGuard.OnThread(new SourceCounts(64, new EndpointHasher(1, 2)), static counts =>
    {
        for (uint i = 0; i < 1_000; i++)
        {
            counts.Add(Endpoint.FromIPv4(i, 1));
            counts.Remove(Endpoint.FromIPv4(i, 1));
        }
    }));
}
