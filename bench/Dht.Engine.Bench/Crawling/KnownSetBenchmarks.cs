using BenchmarkDotNet.Attributes;
using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Randomness;

namespace Dht.Engine.Bench;

/// <summary>
/// Is this endpoint known? 65,536 known ones in turn, and as many strangers, in a set of the size of a network; the
/// larger ones are in no cache. The baseline is a dictionary.
/// </summary>
[MemoryDiagnoser]
public class KnownSetBenchmarks
{
    private Dictionary<Endpoint, int> _dictionary = [];
    private KnownSet _set = null!;
    private Endpoint[] _known = [];
    private Endpoint[] _strangers = [];
    private int _next;

    public static IEnumerable<int> Sizes => BenchScale.KnownNodes;

    [ParamsSource(nameof(Sizes))]
    public int Known { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(1);
        _set = new KnownSet(IpFamily.IPv4, Known, Known, new EndpointHasher(random.NextUInt64(), random.NextUInt64()));
        _dictionary = new Dictionary<Endpoint, int>(Known);
        for (uint i = 0; i < Known; i++)
        {
            _set.TryAdd(KnownEndpoints.At(i), i, 0, out int node);
            _dictionary.Add(KnownEndpoints.At(i), node);
        }

        _known = Array.ConvertAll(KnownEndpoints.Some((uint)Known, 2), KnownEndpoints.At);
        _strangers = Array.ConvertAll(KnownEndpoints.Some((uint)Known, 3), i => KnownEndpoints.At((uint)Known + i));
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Inputs.Count)]
    public long Dictionary_FindKnown() => FindInDictionary(Next(_known));

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public long Dictionary_FindStranger() => FindInDictionary(Next(_strangers));

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public long FindKnown() => Find(Next(_known));

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public long FindStranger() => Find(Next(_strangers));

    private long FindInDictionary(ReadOnlySpan<Endpoint> endpoints)
    {
        long sum = 0;
        foreach (ref readonly Endpoint endpoint in endpoints)
        {
            sum += _dictionary.TryGetValue(endpoint, out int node) ? node : KnownSet.None;
        }

        return sum;
    }

    private long Find(ReadOnlySpan<Endpoint> endpoints)
    {
        long sum = 0;
        foreach (ref readonly Endpoint endpoint in endpoints)
        {
            sum += _set.IndexOf(endpoint);
        }

        return sum;
    }

    private ReadOnlySpan<Endpoint> Next(Endpoint[] endpoints)
    {
        _next = (_next + Inputs.Count) & (endpoints.Length - 1);
        return endpoints.AsSpan(_next, Inputs.Count);
    }
}
