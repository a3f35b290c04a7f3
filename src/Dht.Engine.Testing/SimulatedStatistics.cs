namespace Dht.Engine.Testing;

/// <summary>What has happened in a <see cref="SimulatedNetwork"/> so far: plain counts.</summary>
public record struct SimulatedStatistics
{
    /// <summary>Datagrams that nodes have sent.</summary>
    public long Sent { get; set; }

    /// <summary>Datagrams that were handed to a live node; second copies count.</summary>
    public long Delivered { get; set; }

    /// <summary>Bytes of those delivered.</summary>
    public long BytesDelivered { get; set; }

    /// <summary>Datagrams lost by chance (<see cref="SimulatedLink.Loss"/>).</summary>
    public long Lost { get; set; }

    /// <summary>Second copies (<see cref="SimulatedLink.Duplication"/>).</summary>
    public long Duplicated { get; set; }

    /// <summary>Datagrams held up (<see cref="SimulatedLink.Reordering"/>).</summary>
    public long Reordered { get; set; }

    /// <summary>Datagrams between sides of a partition.</summary>
    public long CutOff { get; set; }

    /// <summary>Datagrams to endpoints where no node lives, or from a node without an address of that family.</summary>
    public long Unreachable { get; set; }

    /// <summary>Datagrams that arrived at a dead node.</summary>
    public long ToDead { get; set; }

    /// <summary>Datagrams that a NAT kept out.</summary>
    public long Filtered { get; set; }

    /// <summary>
    /// Datagrams that found the queue of an uplink, or the whole network
    /// (<see cref="SimulatedNetworkOptions.InFlightMax"/>), full.
    /// </summary>
    public long Overflowed { get; set; }

    /// <summary>
    /// Datagrams that a node's system refused to send (<see cref="SimulatedNode.SendsPerSecond"/>); not among
    /// <see cref="Sent"/>.
    /// </summary>
    public long Refused { get; set; }

    /// <summary>The most datagrams under way at once.</summary>
    public long InFlightMost { get; set; }

    /// <summary>Calls of <see cref="Node.MainlineNode.Tick"/> and of the same of crawls and hostile nodes.</summary>
    public long Ticks { get; set; }

    /// <summary>Nodes that left by <see cref="SimulatedChurn"/>.</summary>
    public long Left { get; set; }

    /// <summary>Nodes that came back by <see cref="SimulatedChurn"/>.</summary>
    public long Joined { get; set; }
}
