using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Dht.Engine.Addressing;
using Dht.Engine.Randomness;

namespace Dht.Engine.Bench;

/// <summary>
/// Sites counted: looked up, and taken out and put back, among 2,800 as in a routing table. The baseline is a
/// dictionary.
/// </summary>
[MemoryDiagnoser]
public class SiteCountsBenchmarks
{
    private const int Sites = 2_800;

    private readonly Dictionary<(ulong Site, IpFamily Family), int> _dictionary = new(Sites);
    private SourceCounts _counts = null!;
    private Endpoint[] _held = [];
    private Endpoint[] _strangers = [];

    [Params(IpFamily.IPv4, IpFamily.IPv6)]
    public IpFamily Family { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(1);
        _counts = new SourceCounts(Sites, new EndpointHasher(random.NextUInt64(), random.NextUInt64()));
        Endpoint[] all = Inputs.Endpoints(Family, random, Sites + Inputs.Count);
        _held = all[..Inputs.Count];
        _strangers = all[Sites..];
        foreach (Endpoint endpoint in all[..Sites])
        {
            _counts.Add(endpoint);
            _dictionary.Add(SiteOf(endpoint), 1);
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Inputs.Count)]
    public int Dictionary_RemoveAdd()
    {
        foreach (ref readonly Endpoint endpoint in _held.AsSpan())
        {
            _dictionary.Remove(SiteOf(endpoint));
            CollectionsMarshal.GetValueRefOrAddDefault(_dictionary, SiteOf(endpoint), out _)++;
        }

        return _dictionary.Count;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public void RemoveAdd()
    {
        foreach (ref readonly Endpoint endpoint in _held.AsSpan())
        {
            _counts.Remove(endpoint);
            _counts.Add(endpoint);
        }
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int CountOf_Held() => Sum(_held);

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int CountOf_Stranger() => Sum(_strangers);

    private int Sum(Endpoint[] endpoints)
    {
        int sum = 0;
        foreach (ref readonly Endpoint endpoint in endpoints.AsSpan())
        {
            sum += _counts.CountOf(endpoint);
        }

        return sum;
    }

    private static (ulong Site, IpFamily Family) SiteOf(in Endpoint endpoint) =>
        (endpoint.IsIPv6 ? endpoint.UpperBits : endpoint.LowerBits, endpoint.Family);
}
