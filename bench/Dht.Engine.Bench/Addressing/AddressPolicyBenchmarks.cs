using BenchmarkDotNet.Attributes;
using Dht.Engine.Addressing;
using Dht.Engine.Randomness;

namespace Dht.Engine.Bench;

/// <summary>
/// Which special block an address lies in: for public ones alone, and for a mix in which every second one is in some
/// block. The baseline goes through a list of the blocks.
/// </summary>
[MemoryDiagnoser]
public class AddressPolicyBenchmarks
{
    private Endpoint[] _endpoints = [];

    [Params(IpFamily.IPv4, IpFamily.IPv6)]
    public IpFamily Family { get; set; }

    [Params(false, true)]
    public bool Mixed { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(1);
        _endpoints = Inputs.Endpoints(Family, random);
        for (int i = 0; i < _endpoints.Length; i++)
        {
            bool special = Mixed && random.Next(2) == 0;
            _endpoints[i] = special ? PrefixList.AnyOf(Family, random) : _endpoints[i];
        }

        if (Classify() != ListOfPrefixes())
        {
            throw new InvalidOperationException("The variants disagree.");
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Inputs.Count)]
    public int ListOfPrefixes()
    {
        int allowed = 0;
        foreach (ref readonly Endpoint endpoint in _endpoints.AsSpan())
        {
            allowed += PrefixList.Contains(endpoint) ? 0 : 1;
        }

        return allowed;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int Classify()
    {
        int allowed = 0;
        foreach (ref readonly Endpoint endpoint in _endpoints.AsSpan())
        {
            allowed += AddressPolicy.Classify(endpoint) == AddressVerdict.Allowed ? 1 : 0;
        }

        return allowed;
    }
}
