using BenchmarkDotNet.Attributes;
using Dht.Engine.Addressing;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;

namespace Dht.Engine.Bench;

/// <summary>
/// Staging a datagram of 92 bytes for each of 1,024 destinations, and being refused for the address or for want of
/// room. The baseline queues an array for each.
/// </summary>
[MemoryDiagnoser]
public class OutboxBenchmarks
{
    private const int Length = 92;

    private readonly Queue<(Endpoint Destination, byte[] Datagram)> _queue = new(Inputs.Count);
    private readonly Outbox _outbox = new(
        Inputs.Count, (Inputs.Count * Length) + Outbox.DatagramSizeMax, AddressPolicy.Public);
    private readonly Outbox _full = new(1, Outbox.DatagramSizeMax, AddressPolicy.Public);
    private Endpoint[] _destinations = [];
    private Endpoint[] _bogons = [];

    [Params(IpFamily.IPv4, IpFamily.IPv6)]
    public IpFamily Family { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(1);
        _destinations = Inputs.Endpoints(Family, random);
        _bogons = Array.ConvertAll(_destinations, d => d.IsIPv4
            ? Endpoint.FromIPv4(0x0A000000 | (d.IPv4Bits & 0xFFFFFF), d.Port)
            : Endpoint.FromIPv6(0xFE80_0000_0000_0000, d.LowerBits, d.Port));
        _full.TryReserve(_destinations[0], out _);
        _full.Commit(Length);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Inputs.Count)]
    public int QueueOfArrays()
    {
        _queue.Clear();
        foreach (ref readonly Endpoint destination in _destinations.AsSpan())
        {
            if (AddressPolicy.Public.Check(destination) == AddressVerdict.Allowed)
            {
                byte[] datagram = new byte[Length];
                datagram[0] = (byte)'d';
                _queue.Enqueue((destination, datagram));
            }
        }

        return _queue.Count;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int Stage()
    {
        _outbox.Clear();
        Stage(_outbox, _destinations);
        return _outbox.Count;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public long RefuseForbidden()
    {
        Stage(_outbox, _bogons);
        return _outbox.RefusedByPolicy;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public long RefuseWhenFull()
    {
        Stage(_full, _destinations);
        return _full.Count;
    }

    private static void Stage(Outbox outbox, Endpoint[] destinations)
    {
        foreach (ref readonly Endpoint destination in destinations.AsSpan())
        {
            if (outbox.TryReserve(destination, out Span<byte> place) == StageResult.Ready)
            {
                place[0] = (byte)'d';
                outbox.Commit(Length);
            }
        }
    }
}
