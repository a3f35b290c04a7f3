using System.Net;
using System.Net.Sockets;
using Dht.Cli.Arguments;
using Dht.Engine.Addressing;

namespace Dht.Cli;

/// <summary>Turns the places to begin at into endpoints that the socket can reach.</summary>
internal static class Bootstrap
{
    // A name may stand for many machines; a few of them are enough, and other names want their turn.
    private const int AddressesPerNameMax = 8;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Where nodes of the public DHT join it.</summary>
    public static IReadOnlyList<HostPort> PublicRouters { get; } =
    [
        new("dht.libtorrent.org", 25401, null),
        new("dht.transmissionbt.com", 6881, null),
        new("router.bt.ouinet.work", 6881, null),
        new("router.bittorrent.com", 6881, null),
        new("router.utorrent.com", 6881, null),
    ];

    /// <summary>Whether an IPv4 socket at <paramref name="bind"/> reaches this machine alone, so that no public router can answer.</summary>
    public static bool IsLocal(in Endpoint bind) => AddressPolicy.Classify(bind.WithPort(1)) == AddressVerdict.Loopback;

    /// <summary>The wildcard address that reaches all given places: IPv4 alone unless one of them is an IPv6 address.</summary>
    public static Endpoint WildcardFor(IEnumerable<HostPort> places, ushort port) =>
        places.Any(static place => place.Literal is { IsIPv6: true }) ? Endpoint.FromIPv6(0, 0, port) : Endpoint.FromIPv4(0, port);

    /// <summary>Resolves all names side by side. Those that cannot be resolved, or not in time, are left out.</summary>
    public static async Task<List<Endpoint>> ResolveAsync(IReadOnlyList<HostPort> places, Endpoint bind, CancellationToken stop)
    {
        Endpoint[][] resolved = await Task.WhenAll(places.Select(place => ResolveAsync(place, bind, stop))).ConfigureAwait(false);
        return [.. resolved.SelectMany(static endpoints => endpoints).Distinct()];
    }

    /// <summary>The endpoints of one place; none when its name cannot be resolved.</summary>
    public static async Task<Endpoint[]> ResolveAsync(HostPort place, Endpoint bind, CancellationToken stop)
    {
        if (place.Literal is { } literal)
        {
            return CanReach(bind, literal) ? [literal] : [];
        }

        try
        {
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(place.Host, stop).WaitAsync(Patience, stop).ConfigureAwait(false);
            return [.. addresses
                .Select(address => Endpoint.FromAddress(address, place.Port).Unmap())
                .Where(endpoint => CanReach(bind, endpoint))
                .Take(AddressesPerNameMax)];
        }
        catch (Exception fault) when (fault is SocketException or TimeoutException or OperationCanceledException)
        {
            return [];
        }
    }

    /// <summary>Those that the policy lets us send to.</summary>
    /// <exception cref="FailureException">It forbids all of them.</exception>
    public static List<Endpoint> Allowed(List<Endpoint> found, IAddressPolicy policy)
    {
        List<Endpoint> allowed = found.FindAll(endpoint => policy.Check(endpoint) == AddressVerdict.Allowed);
        return allowed.Count > 0 || found.Count == 0
            ? allowed
            : throw new FailureException(Forbidden.Describe(found[0], policy.Check(found[0])));
    }

    private static bool CanReach(in Endpoint bind, in Endpoint destination)
    {
        bool dualStack = bind.IsIPv6 && bind.UpperBits == 0 && bind.LowerBits == 0;
        return dualStack || bind.Kind == destination.Kind;
    }
}
