using Dht.Engine.Addressing;

namespace Dht.Engine;

/// <summary>
/// The routers and bootstrap nodes that are known by name. Names are resolved side by side when the engine starts, and again while
/// no contact is known: addresses change, and a machine may start before its network does.
/// </summary>
/// <param name="options">Says which.</param>
/// <param name="families">Those that the socket reaches; addresses of the other are left out.</param>
/// <param name="loop">Takes what the names stand for.</param>
internal sealed class HostEntries(DhtEngineOptions options, IpFamily families, ILoopEntrance loop)
{
    private readonly Lock _gate = new();
    private Task _resolving = Task.CompletedTask;

    public bool IsEmpty => options.BootstrapHosts.Count + options.RouterHosts.Count == 0;

    /// <summary>Resolves all names and adds what they stand for; joins a resolution that is under way. Thread-safe.</summary>
    public Task ResolveAsync()
    {
        lock (_gate)
        {
            if (_resolving.IsCompleted && !IsEmpty)
            {
                _resolving = Task.Run(ResolveAllAsync);
            }

            return _resolving;
        }
    }

    private async Task ResolveAllAsync()
    {
        IpFamily family = families == IpFamily.Both ? IpFamily.None : families;
        Task<IReadOnlyList<Endpoint>> bootstrap = BootstrapNodes.ResolveAsync(options.BootstrapHosts, family);
        Task<IReadOnlyList<Endpoint>> routers = BootstrapNodes.ResolveAsync(options.RouterHosts, family);
        IReadOnlyList<Endpoint> nodes = await bootstrap.ConfigureAwait(false);
        IReadOnlyList<Endpoint> others = await routers.ConfigureAwait(false);
        var call = new ActionCall((node, _) =>
        {
            // More than the node takes is left out: those that it knows are enough to begin.
            foreach (Endpoint endpoint in nodes)
            {
                node.AddBootstrap(endpoint);
            }

            foreach (Endpoint endpoint in others)
            {
                node.AddRouter(endpoint);
            }
        });
        if (loop.TryPost(call))
        {
            await call.Done.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
