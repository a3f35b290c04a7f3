using Dht.Cli.Output;
using Dht.Engine;
using Dht.Engine.Addressing;
using Dht.Engine.Node;
using Dht.Engine.Routing;
using Microsoft.Extensions.Logging;

namespace Dht.Cli.Arguments;

/// <summary>
/// What makes a node a member of the network: where it joins, how it keeps its contacts, and what outlives the run.
/// </summary>
internal sealed record MembershipSettings
{
    public required NetworkSettings Network { get; init; }

    public RoutingTableKind Table { get; init; }

    /// <summary>Null keeps nothing.</summary>
    public string? StatePath { get; init; }

    /// <summary>The engine's options.</summary>
    /// <param name="bind">The socket.</param>
    /// <param name="places">Where to join. Names the engine resolves again while no node is known.</param>
    /// <param name="state">Notified of what becomes of the state.</param>
    /// <param name="log">Where to log; null for no log.</param>
    public DhtEngineOptions EngineOptions(
        in Endpoint bind, IReadOnlyList<HostPort> places, StateWatch state, ILoggerFactory? log)
    {
        var node = new NodeOptions
        {
            ReadOnly = Network.ReadOnly,
            TableKind = Table,

            // In a laboratory many nodes are at one address.
            Table = new RoutingTableOptions { AllowSharedAddresses = Network.AllowLoopback || Network.NoThrottle },
        };
        return new DhtEngineOptions
        {
            Bind = bind,
            Transport = Network.Transport,
            AddressPolicy = Network.AddressPolicy,

            // Those that the user names are ordinary nodes; the public ones serve everybody and belong in no table.
            Bootstrap = Network.Bootstrap.Count > 0 ? places : [],
            Routers = Network.Bootstrap.Count > 0 ? [] : places,
            StatePath = StatePath,
            OnStateLoaded = StateWatch.OnLoaded,
            OnStateSaved = state.OnSaved,
            Node = Network.NoThrottle
                ? node with { AnswersPerSecondPerAddress = 0, QueriesPerSecondPerAddress = 0 }
                : node,
            LoggerFactory = log,
        };
    }
}
