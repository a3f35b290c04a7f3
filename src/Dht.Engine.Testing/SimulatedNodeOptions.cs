using Dht.Engine.Addressing;
using Dht.Engine.Node;

namespace Dht.Engine.Testing;

/// <summary>Settings of one node of a <see cref="SimulatedNetwork"/>. Immutable.</summary>
public sealed record SimulatedNodeOptions
{
    /// <summary>How it behaves.</summary>
    public SimulatedNodeKind Kind { get; init; }

    /// <summary>
    /// Its settings; null takes those of the network. Without an id in them it gets one that fits its address (BEP
    /// 42). A node that is not run by the engine takes only the id from them.
    /// </summary>
    public NodeOptions? Node { get; init; }

    /// <summary>
    /// What answers in the place of a <see cref="SimulatedNodeKind.Scripted"/> node; null for nothing. Other kinds
    /// have no script.
    /// </summary>
    public SimulatedScript? Script { get; init; }

    /// <summary>
    /// Handlers, observers, methods and tasks of its own; null takes <see cref="SimulatedNetwork.Extensions"/>, which
    /// all share.
    /// </summary>
    public NodeExtensions? Extensions { get; init; }

    /// <summary>
    /// The families that it has an address of. Those without an endpoint below get one from the network.
    /// </summary>
    public IpFamily Families { get; init; } = IpFamily.IPv4;

    /// <summary>
    /// An endpoint of your choice, IPv4 or IPv6, which must be free; the node has its family alone, unless
    /// <see cref="Families"/> names both.
    /// </summary>
    public Endpoint? Endpoint { get; init; }

    /// <summary>
    /// Its bootstrap nodes; null leaves the choice to the network, see
    /// <see cref="SimulatedNetworkOptions.BootstrapCount"/>.
    /// </summary>
    public IReadOnlyList<Endpoint>? Bootstrap { get; init; }

    /// <summary>Whether only nodes reach it that it has sent something to lately.</summary>
    public bool IsBehindNat { get; init; }

    /// <summary>
    /// What it can send, in bytes per second; 0 means no limit. What does not fit waits, up to a second, and is then
    /// dropped.
    /// </summary>
    public int UplinkBytesPerSecond { get; init; }

    /// <summary>
    /// The most datagrams that it can stage in one turn: 1 to 4,096; null takes
    /// <see cref="SimulatedNetworkOptions.OutboxCapacity"/>.
    /// </summary>
    public int? OutboxCapacity { get; init; }

    /// <summary>Whether <see cref="SimulatedChurn"/> leaves it alone.</summary>
    public bool IsPermanent { get; init; }

    internal void Validate()
    {
        if (!Enum.IsDefined(Kind))
        {
            throw new ArgumentOutOfRangeException(nameof(Kind), Kind, "There is no such kind of node.");
        }

        if (Script != null && Kind != SimulatedNodeKind.Scripted)
        {
            throw new ArgumentException(
                $"A node of kind {Kind} follows no script; choose the kind Scripted.", nameof(Script));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(UplinkBytesPerSecond);
        if (OutboxCapacity is < 1 or > SimulatedNetworkOptions.OutboxCapacityMax)
        {
            throw new ArgumentOutOfRangeException(
                nameof(OutboxCapacity), OutboxCapacity, "An outbox takes 1 to 4,096 datagrams.");
        }

        if (Families is not (IpFamily.IPv4 or IpFamily.IPv6 or IpFamily.Both))
        {
            throw new ArgumentOutOfRangeException(
                nameof(Families), Families, "A node needs an address: choose IPv4, IPv6 or both.");
        }

        if (Endpoint is { Family: IpFamily.None })
        {
            throw new ArgumentException(
                "The endpoint has no address; leave it null to have one chosen.", nameof(Endpoint));
        }
    }
}
