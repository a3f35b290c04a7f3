namespace Dht.Cli.Output;

/// <summary>Managed bytes that the whole process allocates per datagram, from a warm-up point on.</summary>
internal sealed class AllocationMeter
{
    private long _bytesBefore = GC.GetTotalAllocatedBytes(precise: true);
    private long _packetsBefore;

    /// <summary>Whether packets have passed since this was made.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Whether counting has begun anew after the warm-up.</summary>
    public bool IsWarm { get; private set; }

    /// <summary>Begins to count with the first packets: the tables that were made before them are no matter of packets.</summary>
    public void MarkBegun()
    {
        HasBegun = true;
        _bytesBefore = GC.GetTotalAllocatedBytes(precise: true);
    }

    /// <summary>Begins to count anew: what was allocated to get going does not matter.</summary>
    public void MarkWarm(long packets)
    {
        IsWarm = true;
        _packetsBefore = packets;
        _bytesBefore = GC.GetTotalAllocatedBytes(precise: true);
    }

    /// <summary>Bytes per packet since the warm-up, or since this was made when there was none.</summary>
    public double BytesPerPacket(long packets)
    {
        long bytes = GC.GetTotalAllocatedBytes(precise: true) - _bytesBefore;
        return packets > _packetsBefore ? (double)bytes / (packets - _packetsBefore) : 0;
    }
}
