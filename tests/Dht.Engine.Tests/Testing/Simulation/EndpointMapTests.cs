using Dht.Engine.Addressing;
using Dht.Engine.Randomness;
using Dht.Engine.Testing.Simulation;

namespace Dht.Engine.Tests.Testing.Simulation;

public sealed class EndpointMapTests
{
    [Fact]
    public void WhatWasAdded_IsFound_AndNothingElse()
    {
        var random = new SeededRandomSource(3);
        var map = new EndpointMap(3);
        var model = new Dictionary<Endpoint, int>();
        for (int i = 0; i < 20_000; i++)
        {
            Endpoint endpoint = random.Next(2) == 0
                ? Endpoint.FromIPv4((uint)random.Next(5000), (ushort)random.Next(3))
                : Endpoint.FromIPv6((ulong)random.Next(5000), (ulong)random.Next(2), 7);
            Assert.Equal(model.TryGetValue(endpoint, out int expected), map.TryGet(endpoint, out int found));
            Assert.Equal(expected, model.ContainsKey(endpoint) ? found : 0);
            Assert.Equal(model.TryAdd(endpoint, i), map.TryAdd(endpoint, i));
        }

        Assert.False(map.TryAdd(default, 1));
        Assert.False(map.TryGet(default, out _));
    }
}
