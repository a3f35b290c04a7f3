using Dht.Engine.Addressing;
using Dht.Engine.Randomness;
using Dht.Engine.Testing.Simulation;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Testing.Simulation;

public sealed class DatagramPoolTests
{
    [Fact]
    public void WhatWentIn_ComesOut_WhateverElseComesAndGoes()
    {
        const ulong Seed = 5;
        var random = new SeededRandomSource(Seed);
        var pool = new DatagramPool();
        var model = new List<(int Handle, int Source, byte[] Bytes)>();
        for (int i = 0; i < 20_000; i++)
        {
            if (random.Next(100) < 55)
            {
                byte[] bytes = new byte[random.Next(random.Next(20) == 0 ? DatagramPool.SizeMax + 1 : 1_600)];
                random.Fill(bytes);
                var header = new DatagramHeader { Source = i, Destination = i + 1, From = Endpoint.FromIPv6(1, 2, 3) };
                model.Add((pool.Add(header, bytes), i, bytes));
            }
            else if (model.Count > 0)
            {
                int chosen = random.Next(model.Count);
                (int handle, int source, byte[] bytes) = model[chosen];
                Assert.True(pool.Bytes(handle).SequenceEqual(bytes), $"seed {Seed}, step {i}");
                DatagramHeader found = pool.Header(handle);
                Assert.Equal((source, source + 1), (found.Source, found.Destination));
                Assert.Equal(Endpoint.FromIPv6(1, 2, 3), found.From);
                pool.Release(handle);
                model[chosen] = model[^1];
                model.RemoveAt(model.Count - 1);
            }

            Assert.Equal(model.Count, pool.Count);
        }
    }

    [Fact]
    public void AWarmPool_AllocatesNothing()
    {
        byte[] bytes = new byte[DatagramPool.SizeMax];
        AllocationGuard.AssertNone((new DatagramPool(), bytes), static state =>
        {
            int first = state.Item1.Add(default, state.bytes);
            state.Item1.Release(state.Item1.Add(default, state.bytes.AsSpan(0, 300)));
            state.Item1.Release(first);
        });
    }
}
