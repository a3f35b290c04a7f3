using BenchmarkDotNet.Attributes;
using Dht.Engine.Addressing;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Bench;

/// <summary>
/// A packet counted for its address: one of 1,024 that are known, one that is over its limit, and one of 65,536 in
/// turn against a table of 16,384, so that each takes the place of another. The baseline is a dictionary, which has
/// no bound.
/// </summary>
[MemoryDiagnoser]
public class AddressThrottleBenchmarks
{
    private const int Addresses = 16_384;

    private readonly Dictionary<Endpoint, long> _arrivals = [];
    private AddressThrottle _throttle = null!;
    private AddressThrottle _slow = null!;
    private Endpoint[] _known = [];
    private Endpoint[] _many = [];
    private Instant _now;
    private int _next;

    [Params(IpFamily.IPv4, IpFamily.IPv6)]
    public IpFamily Family { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(1);
        var hasher = new EndpointHasher(random.NextUInt64(), random.NextUInt64());
        _throttle = new AddressThrottle(20, 60, Addresses, hasher);
        _slow = new AddressThrottle(1e-9, 1, Addresses, hasher);
        _many = Inputs.Endpoints(Family, random, 4 * Addresses);
        _known = Inputs.Endpoints(Family, random);
        foreach (Endpoint endpoint in _known)
        {
            _slow.TryPass(endpoint, _now);
            _arrivals[endpoint.WithPort(0)] = 0;
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Inputs.Count)]
    public int Dictionary_Known()
    {
        int passed = 0;
        _now += TimeSpan.FromSeconds(1);
        foreach (ref readonly Endpoint endpoint in _known.AsSpan())
        {
            ref long arrival = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(
                _arrivals, endpoint.WithPort(0), out _);
            arrival = Math.Max(arrival, _now.Ticks) + 1;
            passed += arrival < _now.Ticks + 60 ? 1 : 0;
        }

        return passed;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int Pass_Known()
    {
        _now += TimeSpan.FromSeconds(1);
        return CountPassed(_throttle, _known);
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int Refuse_OverLimit() => CountPassed(_slow, _known);

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int Pass_StrangerToFullTable()
    {
        _now += TimeSpan.FromSeconds(1);
        _next = (_next + Inputs.Count) & (_many.Length - 1);
        return CountPassed(_throttle, _many.AsSpan(_next, Inputs.Count));
    }

    private int CountPassed(AddressThrottle throttle, ReadOnlySpan<Endpoint> endpoints)
    {
        int passed = 0;
        foreach (ref readonly Endpoint endpoint in endpoints)
        {
            passed += throttle.TryPass(endpoint, _now) ? 1 : 0;
        }

        return passed;
    }
}
