using Dht.Engine.Addressing;
using Dht.Engine.Node;

namespace Dht.Cli.Node;

/// <summary>
/// What a node reports of itself and no counter has: its lookups, and how others see it. Written by the engine's
/// thread, read by ours.
/// </summary>
internal sealed class NodeWatch : INodeObserver
{
    private readonly Lock _gate = new();
    private Endpoint _externalIPv4;
    private Endpoint _externalIPv6;
    private long _lookups;

    /// <summary>Lookups that have ended, the node's own upkeep included.</summary>
    public long Lookups => Volatile.Read(ref _lookups);

    /// <summary>
    /// The addresses under which others see us, one of each family, without ports, which are hints only. Empty while
    /// none is known.
    /// </summary>
    public IReadOnlyList<string> ExternalAddresses
    {
        get
        {
            lock (_gate)
            {
                Endpoint[] known = [_externalIPv4, _externalIPv6];
                return
                [
                    .. known.Where(static address => address.Family != IpFamily.None)
                        .Select(static address => address.ToAddress().ToString()),
                ];
            }
        }
    }

    void INodeObserver.OnExternalAddressChanged(in Endpoint previous, in Endpoint current)
    {
        lock (_gate)
        {
            (current.IsIPv6 ? ref _externalIPv6 : ref _externalIPv4) = current;
        }
    }

    void INodeObserver.OnLookupFinished(in LookupReport report) => Volatile.Write(ref _lookups, _lookups + 1);
}
