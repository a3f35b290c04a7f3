using Dht.Engine;
using Dht.Engine.Addressing;
using Dht.Engine.Transport;

namespace Dht.Cli.Arguments;

/// <summary>What the common options say of the socket and of where packets may go.</summary>
internal sealed record NetworkSettings
{
    /// <summary>Null when the user left it open.</summary>
    public Endpoint? Bind { get; init; }

    /// <summary>Empty when the user left it open.</summary>
    public IReadOnlyList<HostPort> Bootstrap { get; init; } = [];

    public bool AllowLoopback { get; init; }

    public TransportKind Transport { get; init; }

    public bool NoThrottle { get; init; }

    public bool ReadOnly { get; init; }

    public IAddressPolicy AddressPolicy =>
        AllowLoopback ? Engine.Addressing.AddressPolicy.AllowLocal : Engine.Addressing.AddressPolicy.Public;
}
