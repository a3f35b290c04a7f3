using Dht.Engine.Addressing;

namespace Dht.Engine;

/// <summary>
/// The routers and bootstrap nodes of the options. Names are resolved side by side when the engine starts, and again
/// while no contact is known: addresses change, and a machine may start before its network does. Thread-safe.
/// </summary>
internal sealed class HostEntries
{
    private readonly Lock _gate = new();
    private readonly HostPort[] _bootstrapNames;
    private readonly HostPort[] _routerNames;
    private readonly IpFamily _families;
    private readonly ILoopEntrance _loop;
    private Task _resolving = Task.CompletedTask;
    private volatile IReadOnlyList<Endpoint> _known;

    /// <param name="options">Says which.</param>
    /// <param name="families">Those that the socket reaches; addresses of the other are left out.</param>
    /// <param name="loop">Takes what the names resolve to.</param>
    public HostEntries(DhtEngineOptions options, IpFamily families, ILoopEntrance loop)
    {
        _families = families;
        _loop = loop;
        _bootstrapNames = [.. options.Bootstrap.Where(static place => !place.IsAddress)];
        _routerNames = [.. options.Routers.Where(static place => !place.IsAddress)];
        Bootstrap = AddressesIn(options.Bootstrap);
        Routers = AddressesIn(options.Routers);
        _known = [.. Bootstrap, .. Routers];
    }

    /// <summary>Bootstrap nodes that were given as addresses.</summary>
    public IReadOnlyList<Endpoint> Bootstrap { get; }

    /// <summary>Routers that were given as addresses.</summary>
    public IReadOnlyList<Endpoint> Routers { get; }

    /// <summary>All of them, with what the names resolved to last.</summary>
    public IReadOnlyList<Endpoint> Known => _known;

    /// <summary>Resolves all names and adds what they resolve to; joins a resolution that is under way.</summary>
    public Task ResolveAsync()
    {
        lock (_gate)
        {
            if (_resolving.IsCompleted && _bootstrapNames.Length + _routerNames.Length > 0)
            {
                _resolving = Task.Run(ResolveAllAsync);
            }

            return _resolving;
        }
    }

    /// <summary>Resolves all names again.</summary>
    /// <returns>All that is known after that.</returns>
    public async Task<IReadOnlyList<Endpoint>> ResolveAgainAsync()
    {
        await ResolveAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _known;
    }

    private static Endpoint[] AddressesIn(IEnumerable<HostPort> places) =>
    [
        .. places.Select(static place => place.TryGetEndpoint(out Endpoint endpoint) ? endpoint : default)
            .Where(static endpoint => endpoint.Family != IpFamily.None),
    ];

    private async Task ResolveAllAsync()
    {
        Task<IReadOnlyList<Endpoint>> resolvingBootstrap = BootstrapNodes.ResolveAsync(_bootstrapNames, _families);
        Task<IReadOnlyList<Endpoint>> resolvingRouters = BootstrapNodes.ResolveAsync(_routerNames, _families);
        IReadOnlyList<Endpoint> bootstrap = await resolvingBootstrap.ConfigureAwait(false);
        IReadOnlyList<Endpoint> routers = await resolvingRouters.ConfigureAwait(false);
        _known = [.. Bootstrap, .. Routers, .. bootstrap, .. routers];
        var call = new ActionCall((node, _) =>
        {
            // More than the node takes is left out: those that it knows are enough to begin.
            foreach (Endpoint endpoint in bootstrap)
            {
                node.AddBootstrap(endpoint);
            }

            foreach (Endpoint endpoint in routers)
            {
                node.AddRouter(endpoint);
            }
        });
        if (_loop.TryPost(call))
        {
            await call.Done.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
