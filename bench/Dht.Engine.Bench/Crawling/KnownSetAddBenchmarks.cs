using BenchmarkDotNet.Attributes;
using Dht.Engine.Addressing;
using Dht.Engine.Crawling;

namespace Dht.Engine.Bench;

/// <summary>
/// 65,536 newcomers added to a set of the size of a network that was told to expect them. The baseline is a
/// dictionary.
/// </summary>
[MemoryDiagnoser]
public class KnownSetAddBenchmarks
{
    private const int Newcomers = 65_536;

    private readonly Dictionary<Endpoint, int> _dictionary = [];
    private readonly EndpointHasher _hasher = new(0x9E3779B97F4A7C15, 0xD1B54A32D192ED03);
    private KnownSet _set = null!;

    public static IEnumerable<int> Sizes => BenchScale.KnownNodes;

    [ParamsSource(nameof(Sizes))]
    public int Known { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _dictionary.EnsureCapacity(Known + Newcomers);
        for (uint i = 0; i < Known; i++)
        {
            _dictionary.Add(KnownEndpoints.At(i), (int)i);
        }
    }

    [IterationSetup]
    public void SetupIteration()
    {
        // Nodes cannot be taken out of a set, so a new one is created.
        _set = new KnownSet(IpFamily.IPv4, Known + Newcomers, Known + Newcomers, _hasher);
        for (uint i = 0; i < Known; i++)
        {
            _set.TryAdd(KnownEndpoints.At(i), i, 0, out _);
        }

        for (uint i = 0; i < Newcomers; i++)
        {
            _dictionary.Remove(KnownEndpoints.At((uint)Known + i));
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Newcomers)]
    public int Dictionary_Add()
    {
        for (uint i = 0; i < Newcomers; i++)
        {
            _dictionary.TryAdd(KnownEndpoints.At((uint)Known + i), (int)i);
        }

        return _dictionary.Count;
    }

    [Benchmark(OperationsPerInvoke = Newcomers)]
    public int Add()
    {
        for (uint i = 0; i < Newcomers; i++)
        {
            _set.TryAdd(KnownEndpoints.At((uint)Known + i), i, 0, out _);
        }

        return _set.Count;
    }
}
