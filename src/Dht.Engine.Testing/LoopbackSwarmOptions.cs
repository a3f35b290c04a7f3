namespace Dht.Engine.Testing;

/// <summary>What a <see cref="LoopbackSwarm"/> is made of. Checked by <see cref="LoopbackSwarm.Start"/>.</summary>
public sealed record LoopbackSwarmOptions
{
    /// <summary>How many nodes: 1 to <see cref="LoopbackSwarm.NodesMax"/>.</summary>
    public required int Nodes { get; init; }

    /// <summary>
    /// The UDP port of all nodes; 0 takes a free one. On many ports (see <see cref="LoopbackSwarm.Notice"/>) that of
    /// node 0.
    /// </summary>
    public ushort Port { get; init; }

    /// <summary>Ids, kinds, contacts and losses all follow from it: the same seed makes the same swarm.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// The share of nodes that never answer: 0 to 100. Node 0, where every member starts, is always live.
    /// </summary>
    public double DeadPercent { get; init; }

    /// <summary>
    /// The share of nodes that play a trick: 0 to 100; together with <see cref="DeadPercent"/> at most 100.
    /// </summary>
    public double HostilePercent { get; init; }

    /// <summary>The share of exchanges of which the query or the reply is lost: 0 to 100.</summary>
    public double LossPercent { get; init; }

    /// <summary>How many contacts an honest reply carries, and how many a bucket holds: 1 to 32.</summary>
    public int ContactsPerReply { get; init; } = 8;

    /// <summary>Do without many addresses on one port even where the system has them.</summary>
    internal bool ManyPorts { get; init; }
}
