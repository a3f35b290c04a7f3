using Dht.Engine.Addressing;

namespace Dht.Engine;

/// <summary>
/// The routers and bootstrap nodes that are known by name. Names are resolved side by side when the engine starts, and again while
/// nobody is known: addresses change, and a machine may start before its network does.
/// </summary>
internal sealed class HostEntries(DhtEngineOptions options)
{
    private readonly Lock _gate = new();
    private Task _resolving = Task.CompletedTask;

    public bool IsEmpty => options.BootstrapHosts.Count + options.RouterHosts.Count == 0;

    /// <summary>Resolves all names and adds what they stand for; joins a resolution that is under way.</summary>
    public Task ResolveAsync(EngineLoop loop)
    {
        lock (_gate)
        {
            if (_resolving.IsCompleted && !IsEmpty)
            {
                _resolving = Task.Run(() => ResolveAllAsync(loop));
            }

            return _resolving;
        }
    }

    private async Task ResolveAllAsync(EngineLoop loop)
    {
        IpFamily family = loop.Families switch
        {
            IpFamily.IPv4 => IpFamily.IPv4,
            IpFamily.IPv6 => IpFamily.IPv6,
            _ => IpFamily.None,
        };
        Task<IReadOnlyList<Endpoint>> bootstrap = BootstrapNodes.ResolveAsync(options.BootstrapHosts, family);
        Task<IReadOnlyList<Endpoint>> routers = BootstrapNodes.ResolveAsync(options.RouterHosts, family);
        IReadOnlyList<Endpoint> nodes = await bootstrap.ConfigureAwait(false);
        IReadOnlyList<Endpoint> others = await routers.ConfigureAwait(false);
        var call = new InvokeCall<bool>((node, _) =>
        {
            // More than the node takes is left out: those that it knows are enough to begin.
            bool taken = true;
            foreach (Endpoint endpoint in nodes)
            {
                taken &= node.AddBootstrap(endpoint);
            }

            foreach (Endpoint endpoint in others)
            {
                taken &= node.AddRouter(endpoint);
            }

            return taken;
        });
        if (loop.TryPost(call))
        {
            await ((Task)call.Done).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
