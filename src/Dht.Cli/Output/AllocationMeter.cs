namespace Dht.Cli.Output;

/// <summary>Managed bytes that the whole process allocates per datagram, from a warm-up point on.</summary>
internal sealed class AllocationMeter
{
    private long _bytesBefore = GC.GetTotalAllocatedBytes(precise: true);
    private long _packetsBefore;

    /// <summary>Whether packets have passed since this was created.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Whether counting has begun again after the warm-up.</summary>
    public bool IsWarm { get; private set; }

    /// <summary>
    /// Makes the thread pool start two threads now. Otherwise it starts them when a crawl ends, in the last moment of
    /// the count: some 16 KB that belong to no packet.
    /// </summary>
    public static void StartPool()
    {
        using var together = new Barrier(3);
        var others = Task.WhenAll(Task.Run(together.SignalAndWait), Task.Run(together.SignalAndWait));
        together.SignalAndWait();
        others.GetAwaiter().GetResult();
    }

    /// <summary>
    /// Begins to count with the first packets: the tables that were created before them are not a matter of packets.
    /// </summary>
    public void MarkBegun()
    {
        HasBegun = true;
        _bytesBefore = GC.GetTotalAllocatedBytes(precise: true);
    }

    /// <summary>Begins to count again: what was allocated to get going does not matter.</summary>
    public void MarkWarm(long packets)
    {
        IsWarm = true;
        _packetsBefore = packets;
        _bytesBefore = GC.GetTotalAllocatedBytes(precise: true);
    }

    /// <summary>Bytes per packet since the warm-up, or since this was created when there was no warm-up.</summary>
    public double BytesPerPacket(long packets)
    {
        long bytes = GC.GetTotalAllocatedBytes(precise: true) - _bytesBefore;
        return packets > _packetsBefore ? (double)bytes / (packets - _packetsBefore) : 0;
    }
}
