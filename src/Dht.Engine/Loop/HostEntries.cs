using Dht.Engine.Addressing;
using Dht.Engine.Node;
using Dht.Engine.Timing;

namespace Dht.Engine;

/// <summary>
/// The routers and bootstrap nodes of the options. Names are resolved side by side when the engine starts, and again
/// while no contact is known: addresses change, and a machine may start before its network does. Thread-safe.
/// </summary>
/// <remarks>
/// What a name stands for now replaces what it stood for before: otherwise the places that a node has for entries would
/// fill with dead addresses, and the one that lives would find none. A name that cannot be resolved keeps what it has.
/// </remarks>
internal sealed class HostEntries
{
    private static readonly TimeSpan ResolutionInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly HostName[] _names;
    private readonly IpFamily _families;
    private readonly ILoopEntrance _loop;
    private readonly Func<HostPort, IpFamily, Task<IReadOnlyList<Endpoint>>> _resolve;
    private Task _resolving = Task.CompletedTask;
    private Instant _resolveDue;
    private volatile IReadOnlyList<Endpoint> _known;

    /// <param name="options">Says which.</param>
    /// <param name="families">Those that the socket reaches; addresses of the other are left out.</param>
    /// <param name="loop">Takes what the names resolve to.</param>
    /// <param name="resolve">Asks the system what a name stands for; empty when it does not know.</param>
    public HostEntries(
        DhtEngineOptions options,
        IpFamily families,
        ILoopEntrance loop,
        Func<HostPort, IpFamily, Task<IReadOnlyList<Endpoint>>> resolve)
    {
        _families = families;
        _loop = loop;
        _resolve = resolve;
        _names =
        [
            .. NamesIn(options.Bootstrap).Select(static place => new HostName(place, isRouter: false)),
            .. NamesIn(options.Routers).Select(static place => new HostName(place, isRouter: true)),
        ];
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

    /// <summary>Resolves all names, unless that was done within the last minute.</summary>
    public void ResolveIfDue(Instant now)
    {
        lock (_gate)
        {
            if (now < _resolveDue)
            {
                return;
            }

            _resolveDue = now + ResolutionInterval;
        }

        _ = ResolveAsync();
    }

    /// <summary>Resolves all names and takes what they stand for; joins a resolution that is under way.</summary>
    public Task ResolveAsync()
    {
        lock (_gate)
        {
            if (_resolving.IsCompleted && _names.Length > 0)
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

    private static IEnumerable<HostPort> NamesIn(IEnumerable<HostPort> places) =>
        places.Where(static place => !place.IsAddress);

    private static Endpoint[] AddressesIn(IEnumerable<HostPort> places) =>
    [
        .. places.Select(static place => place.TryGetEndpoint(out Endpoint endpoint) ? endpoint : default)
            .Where(static endpoint => endpoint.Family != IpFamily.None),
    ];

    private async Task ResolveAllAsync()
    {
        IReadOnlyList<Endpoint>[] found = await Task.WhenAll(
            _names.Select(name => _resolve(name.Place, _families))).ConfigureAwait(false);
        Endpoint[] before = [.. _names.SelectMany(static name => name.Current)];
        for (int i = 0; i < _names.Length; i++)
        {
            _names[i].Current = found[i].Count == 0 ? _names[i].Current : found[i];
        }

        _known = [.. Bootstrap, .. Routers, .. _names.SelectMany(static name => name.Current)];
        Endpoint[] gone = [.. before.Except(_known)];
        var call = new ActionCall((node, _) => Replace(node, gone));
        if (_loop.TryPost(call))
        {
            await call.Done.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Replace(MainlineNode node, Endpoint[] gone)
    {
        foreach (Endpoint entry in gone)
        {
            node.RemoveEntry(entry);
        }

        // More than the node takes is left out: those that it knows are enough to begin.
        foreach (HostName name in _names)
        {
            foreach (Endpoint endpoint in name.Current)
            {
                _ = name.IsRouter ? node.AddRouter(endpoint) : node.AddBootstrap(endpoint);
            }
        }
    }

    /// <summary>A name, and what it stood for at the last resolution.</summary>
    private sealed class HostName(HostPort place, bool isRouter)
    {
        public HostPort Place { get; } = place;

        public bool IsRouter { get; } = isRouter;

        public IReadOnlyList<Endpoint> Current { get; set; } = [];
    }
}
