using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Dht.Engine.Addressing;
using Dht.Engine.Randomness;

namespace Dht.Engine.Bench;

/// <summary>Compact endpoints in and out, in words against byte by byte.</summary>
[MemoryDiagnoser]
[CategoriesColumn]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
public class EndpointBenchmarks
{
    private Endpoint[] _endpoints = [];
    private byte[] _wire = [];
    private int _size;

    [Params(IpFamily.IPv4, IpFamily.IPv6)]
    public IpFamily Family { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(1);
        _endpoints = Inputs.Endpoints(Family, random);
        _size = _endpoints[0].CompactSize;
        _wire = new byte[Inputs.Count * _size];
        if (WriteCompact() != WriteByBytes() || ReadCompact() != ReadByBytes())
        {
            throw new InvalidOperationException("The variants disagree.");
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Inputs.Count)]
    [BenchmarkCategory("read")]
    public ulong ReadByBytes()
    {
        ulong sum = 0;
        for (int at = 0; at < _wire.Length; at += _size)
        {
            sum += Digest(ScalarEndpoints.Read(_wire.AsSpan(at, _size)));
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    [BenchmarkCategory("read")]
    public ulong ReadCompact()
    {
        ulong sum = 0;
        for (int at = 0; at < _wire.Length; at += _size)
        {
            Endpoint.TryReadCompact(_wire.AsSpan(at, _size), out Endpoint endpoint);
            sum += Digest(endpoint);
        }

        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Inputs.Count)]
    [BenchmarkCategory("write")]
    public int WriteByBytes()
    {
        int at = 0;
        foreach (ref readonly Endpoint endpoint in _endpoints.AsSpan())
        {
            at += ScalarEndpoints.Write(endpoint, _wire.AsSpan(at));
        }

        return at;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    [BenchmarkCategory("write")]
    public int WriteCompact()
    {
        int at = 0;
        foreach (ref readonly Endpoint endpoint in _endpoints.AsSpan())
        {
            at += endpoint.WriteCompact(_wire.AsSpan(at));
        }

        return at;
    }

    private static ulong Digest(in Endpoint endpoint) => endpoint.UpperBits + endpoint.LowerBits + endpoint.Port;
}
