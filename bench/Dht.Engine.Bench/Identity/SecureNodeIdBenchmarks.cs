using BenchmarkDotNet.Attributes;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;

namespace Dht.Engine.Bench;

/// <summary>
/// BEP 42 over 1,024 random public addresses: checks an id that fits, checks one that does not, and derives one.
/// Randomness is the seeded source, so that the derivation itself is measured and not the system's generator.
/// </summary>
[MemoryDiagnoser]
public class SecureNodeIdBenchmarks
{
    private const int Count = Inputs.Count;

    private readonly SeededRandomSource _random = new(1);
    private readonly Endpoint[] _endpoints = new Endpoint[Count];
    private readonly NodeId[] _fitting = new NodeId[Count];
    private readonly NodeId[] _others = new NodeId[Count];

    [Params(IpFamily.IPv4, IpFamily.IPv6)]
    public IpFamily Family { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        for (int i = 0; i < Count;)
        {
            Endpoint endpoint = Family == IpFamily.IPv4
                ? Endpoint.FromIPv4(_random.NextUInt32(), 6881)
                : Endpoint.FromIPv6(0x2A00_0000_0000_0000 | (_random.NextUInt64() >> 8), _random.NextUInt64(), 6881);
            if (AddressPolicy.Public.Check(endpoint) == AddressVerdict.Allowed)
            {
                _endpoints[i] = endpoint;
                _fitting[i] = SecureNodeId.Derive(endpoint, _random);
                _others[i] = NodeId.Random(_random);
                i++;
            }
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count)]
    public int IsValid_Fitting() => CountValid(_fitting);

    [Benchmark(OperationsPerInvoke = Count)]
    public int IsValid_Other() => CountValid(_others);

    [Benchmark(OperationsPerInvoke = Count)]
    public ulong Derive()
    {
        ulong sum = 0;
        foreach (ref readonly Endpoint endpoint in _endpoints.AsSpan())
        {
            sum += SecureNodeId.Derive(endpoint, _random).Prefix64;
        }

        return sum;
    }

    private int CountValid(NodeId[] ids)
    {
        int valid = 0;
        for (int i = 0; i < ids.Length; i++)
        {
            valid += SecureNodeId.IsValid(ids[i], _endpoints[i]) ? 1 : 0;
        }

        return valid;
    }
}
