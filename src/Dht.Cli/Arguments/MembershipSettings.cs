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

    /// <summary>The socket: the user's, or any address that reaches the places named.</summary>
    public Endpoint BindOr(ushort port) => Network.Bind ?? Bootstrap.WildcardFor(Network.Bootstrap, port);

    /// <summary>
    /// Where to join from a socket. From a loopback address no public router can be reached: such a node waits to be
    /// found.
    /// </summary>
    public IReadOnlyList<HostPort> PlacesFrom(in Endpoint bind) =>
        Network.Bootstrap.Count > 0 || Bootstrap.IsLocal(bind) ? Network.Bootstrap : BootstrapNodes.Public;

    /// <summary>
    /// The engine's options. Names stay names: the engine resolves them again while no node is known.
    /// </summary>
    public DhtEngineOptions EngineOptions(in Endpoint bind, StateWatch state, ILoggerFactory? log)
    {
        IReadOnlyList<HostPort> places = PlacesFrom(bind);
        var node = new NodeOptions { ReadOnly = Network.ReadOnly, TableKind = Table };
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
