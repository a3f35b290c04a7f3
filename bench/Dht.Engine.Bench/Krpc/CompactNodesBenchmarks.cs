using BenchmarkDotNet.Attributes;
using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;

namespace Dht.Engine.Bench;

/// <summary>
/// A list of 8 contacts walked in place, 128 lists in turn, against objects of the framework made for each contact.
/// </summary>
[MemoryDiagnoser]
public class CompactNodesBenchmarks
{
    private const int Lists = 128;
    private const int Contacts = 8;

    private byte[] _wire = [];
    private int _listSize;

    [Params(IpFamily.IPv4, IpFamily.IPv6)]
    public IpFamily Family { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _wire = Inputs.Wire(Inputs.Contacts(Family, new SeededRandomSource(1), Lists * Contacts));
        _listSize = _wire.Length / Lists;
        if (Walk() != Objects())
        {
            throw new InvalidOperationException("The variants disagree.");
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Lists)]
    public long Objects()
    {
        long sum = 0;
        int size = CompactNode.SizeOf(Family);
        for (int at = 0; at < _wire.Length; at += size)
        {
            byte[] id = _wire[at..(at + 20)];
            sum += id[0] + FrameworkEndpoints.Read(_wire.AsSpan(at + 20, size - 20)).Port;
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Lists)]
    public long Walk()
    {
        long sum = 0;
        for (int at = 0; at < _wire.Length; at += _listSize)
        {
            foreach (CompactNode contact in new CompactNodes(_wire.AsSpan(at, _listSize), Family))
            {
                sum += (long)(contact.Id.Prefix64 >> 56) + contact.Endpoint.Port;
            }
        }

        return sum;
    }
}
