using Dht.Engine.Addressing;
using Dht.Engine.Node;

namespace Dht.Engine.Testing;

/// <summary>What one node of a <see cref="SimulatedNetwork"/> is like. Immutable.</summary>
public sealed record SimulatedNodeOptions
{
    /// <summary>How it behaves.</summary>
    public SimulatedNodeKind Kind { get; init; }

    /// <summary>Its settings; null takes those of the network. Without an id in them it gets one that fits its address (BEP 42).</summary>
    public NodeOptions? Node { get; init; }

    /// <summary>Handlers, observers, methods and tasks of its own; null takes <see cref="SimulatedNetwork.Extensions"/>, which all share.</summary>
    public NodeExtensions? Extensions { get; init; }

    /// <summary>The families that it has an address of. Those without an endpoint below get one from the network.</summary>
    public IpFamily Families { get; init; } = IpFamily.IPv4;

    /// <summary>An endpoint of your choice, IPv4 or IPv6, which must be free; the node has its family alone, unless <see cref="Families"/> names both.</summary>
    public Endpoint? Endpoint { get; init; }

    /// <summary>Whom it is told to join through; null leaves the choice to the network, see <see cref="SimulatedNetworkOptions.BootstrapCount"/>.</summary>
    public IReadOnlyList<Endpoint>? Bootstrap { get; init; }

    /// <summary>Whether only those reach it whom it has sent something lately.</summary>
    public bool IsBehindNat { get; init; }

    /// <summary>What it can send, in bytes per second; 0 means no limit. What does not fit waits, up to a second, and is then dropped.</summary>
    public int UplinkBytesPerSecond { get; init; }

    /// <summary>Whether <see cref="SimulatedChurn"/> leaves it alone.</summary>
    public bool IsPermanent { get; init; }

    internal void Validate()
    {
        if (!Enum.IsDefined(Kind))
        {
            throw new ArgumentOutOfRangeException(nameof(Kind), Kind, "There is no such kind of node.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(UplinkBytesPerSecond);
        if (Families is not (IpFamily.IPv4 or IpFamily.IPv6 or IpFamily.Both))
        {
            throw new ArgumentOutOfRangeException(nameof(Families), Families, "A node needs an address: choose IPv4, IPv6 or both.");
        }

        if (Endpoint is { Family: IpFamily.None })
        {
            throw new ArgumentException("The endpoint is none; leave it null to have one chosen.", nameof(Endpoint));
        }
    }
}
