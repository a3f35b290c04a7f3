using BenchmarkDotNet.Attributes;
using Dht.Engine.Addressing;
using Dht.Engine.Randomness;

namespace Dht.Engine.Bench;

/// <summary>
/// The keyed hash of endpoints against what the framework offers (<c>HashCode.Combine</c>, behind
/// <c>GetHashCode</c>).
/// </summary>
[MemoryDiagnoser]
public class EndpointHasherBenchmarks
{
    private readonly EndpointHasher _hasher = new(0x9E3779B97F4A7C15, 0xD1B54A32D192ED03);
    private Endpoint[] _endpoints = [];

    [Params(IpFamily.IPv4, IpFamily.IPv6)]
    public IpFamily Family { get; set; }

    [GlobalSetup]
    public void Setup() => _endpoints = Inputs.Endpoints(Family, new SeededRandomSource(1));

    [Benchmark(Baseline = true, OperationsPerInvoke = Inputs.Count)]
    public int HashCodeCombine()
    {
        int sum = 0;
        foreach (ref readonly Endpoint endpoint in _endpoints.AsSpan())
        {
            sum ^= endpoint.GetHashCode();
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public ulong Hash()
    {
        ulong sum = 0;
        EndpointHasher hasher = _hasher;
        foreach (ref readonly Endpoint endpoint in _endpoints.AsSpan())
        {
            sum ^= hasher.Hash(endpoint);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public ulong HashAddress()
    {
        ulong sum = 0;
        EndpointHasher hasher = _hasher;
        foreach (ref readonly Endpoint endpoint in _endpoints.AsSpan())
        {
            sum ^= hasher.HashSite(endpoint);
        }

        return sum;
    }
}
