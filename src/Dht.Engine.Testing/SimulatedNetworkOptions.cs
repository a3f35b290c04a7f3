using Dht.Engine.Addressing;
using Dht.Engine.Node;
using Dht.Engine.Storage;

namespace Dht.Engine.Testing;

/// <summary>Settings of a <see cref="SimulatedNetwork"/>. Immutable; checked when the network is created.</summary>
public sealed record SimulatedNetworkOptions
{
    internal const int OutboxCapacityMax = 4096;

    /// <summary>
    /// Everything follows from it: ids, secrets, latencies, losses. The same seed and the same calls give the same
    /// run.
    /// </summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The links between the nodes at first; <see cref="SimulatedNetwork.Link"/> changes them later.</summary>
    public SimulatedLink Link { get; init; } = new();

    /// <summary>
    /// Settings of the nodes that have none of their own. The default keeps few peers of others, so that ten thousand
    /// nodes fit into memory, and is otherwise the same as that of the engine.
    /// </summary>
    public NodeOptions Node { get; init; } = SmallNode;

    /// <summary>How many live nodes, chosen at random, a newcomer gets as bootstrap nodes: 0 to 16.</summary>
    public int BootstrapCount { get; init; } = 3;

    /// <summary>Where nodes may send. The addresses that the network gives out itself are public ones.</summary>
    public IAddressPolicy AddressPolicy { get; init; } = Addressing.AddressPolicy.Public;

    /// <summary>The most datagrams that a node can stage in one turn: 16 to 4,096.</summary>
    public int OutboxCapacity { get; init; } = 64;

    /// <summary>
    /// The most datagrams under way at once in the whole network; more are dropped and counted. At least 1.
    /// </summary>
    public int InFlightMax { get; init; } = 1 << 20;

    /// <summary>How long a NAT lets answers in after something went out.</summary>
    public TimeSpan NatLifetime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The settings of the engine with little room for what is stored for others.</summary>
    public static NodeOptions SmallNode { get; } = new()
    {
        Peers = new PeerStoreOptions
        {
            InfoHashCapacity = 32,
            PeerCapacity = 128,
            PeersPerInfoHash = 32,
        },
        AddressesRemembered = 1_024,
        OpenQueriesMax = 128,
        LookupsMax = 16,
    };

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Link);
        ArgumentNullException.ThrowIfNull(Node);
        ArgumentNullException.ThrowIfNull(AddressPolicy);
        Link.Validate();
        ArgumentOutOfRangeException.ThrowIfNegative(BootstrapCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BootstrapCount, 16);
        ArgumentOutOfRangeException.ThrowIfLessThan(OutboxCapacity, 16);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(OutboxCapacity, OutboxCapacityMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(InFlightMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(NatLifetime, TimeSpan.Zero);
    }
}
