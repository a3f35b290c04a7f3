using Dht.Engine.Testing;

namespace Dht.Engine.Tests.Crawling;

/// <summary>
/// Counts what is allocated during a crawl, in slices of some thousand packets, once a fifth of the nodes is found: by
/// the loop's thread alone, and by the whole process.
/// </summary>
/// <remarks>
/// The test host allocates now and then on a thread of its own, by the clock; so a slice without such a moment shows what the packets
/// cost, since they cost the same in every slice, and the whole has a wider bound.
/// </remarks>
internal sealed class SliceProbe(LoopbackSwarm swarm)
{
    private const int WarmMarks = 10;

    private int _marks;
    private long _firstBytes;
    private long _firstBytesOfLoop;
    private long _firstPackets;
    private long _lastBytes;
    private long _lastPackets;

    public int Slices => _marks - WarmMarks;

    /// <summary>Bytes that the thread which calls <see cref="Mark"/> has allocated.</summary>
    public long BytesOfLoop { get; private set; }

    /// <summary>Bytes per packet, whole process, in the best slice.</summary>
    public double LeastPerPacket { get; private set; } = double.MaxValue;

    /// <summary>Bytes per packet, whole process, in all slices.</summary>
    public double PerPacket => (_lastBytes - _firstBytes) / (double)(_lastPackets - _firstPackets);

    /// <summary>Ends a slice; on the loop's thread.</summary>
    public void Mark()
    {
        long bytes = GC.GetTotalAllocatedBytes(precise: true);
        long packets = swarm.DatagramsReceived + swarm.QueriesAnswered;
        if (_marks > WarmMarks)
        {
            LeastPerPacket = Math.Min(LeastPerPacket, (bytes - _lastBytes) / (double)(packets - _lastPackets));
            BytesOfLoop = GC.GetAllocatedBytesForCurrentThread() - _firstBytesOfLoop;
        }
        else if (_marks == WarmMarks)
        {
            (_firstBytes, _firstPackets, _firstBytesOfLoop) = (bytes, packets, GC.GetAllocatedBytesForCurrentThread());
        }

        (_lastBytes, _lastPackets) = (bytes, packets);
        _marks++;
    }

    public override string ToString() =>
        $"{Slices} slices, {_lastPackets - _firstPackets} packets: {BytesOfLoop} bytes by the loop, {PerPacket} per packet, {LeastPerPacket} at best;";
}
