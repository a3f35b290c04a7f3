using Dht.Cli.Joining;
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

    /// <summary>
    /// Where to join. From a loopback address no public router can be reached: such a node waits to be found.
    /// </summary>
    public IReadOnlyList<HostPort> Places =>
        Bootstrap.Count > 0 || (Bind is { } bind && SocketChoice.IsLocal(bind)) ? Bootstrap : BootstrapNodes.Public;

    public IAddressPolicy AddressPolicy =>
        AllowLoopback ? Engine.Addressing.AddressPolicy.AllowLocal : Engine.Addressing.AddressPolicy.Public;
}
