using System.Net;
using System.Net.Sockets;
using Dht.Engine.Addressing;

namespace Dht.Engine;

/// <summary>Where one joins the public DHT, and how names become endpoints.</summary>
public static class BootstrapNodes
{
    // A name may lead to many machines; a few of them are enough, and other names need their turn.
    private const int AddressesPerNameMax = 8;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The public routers. Some may be out of order at any time; ask them side by side.</summary>
    public static IReadOnlyList<HostPort> Public { get; } = HostPort.ParseAll(
    [
        "dht.libtorrent.org:25401",
        "dht.transmissionbt.com:6881",
        "router.bt.ouinet.work:6881",
        "router.bittorrent.com:6881",
        "router.utorrent.com:6881",
    ]);

    /// <summary>
    /// Resolves names, side by side; addresses are passed on. Names that cannot be resolved within five seconds are
    /// left out, so the result may be empty.
    /// </summary>
    /// <param name="places">What to resolve.</param>
    /// <param name="families">
    /// Only addresses of these families; <see cref="IpFamily.None"/> means both, as <see cref="IpFamily.Both"/> does.
    /// </param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>
    /// The endpoints, each once, in the order of the places; at most eight of each family for a name.
    /// </returns>
    /// <exception cref="ArgumentException">A place has no host or no port.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static Task<IReadOnlyList<Endpoint>> ResolveAsync(
        IEnumerable<HostPort> places, IpFamily families = IpFamily.Both, CancellationToken cancellation = default) =>
        ResolveByAsync(Dns.GetHostAddressesAsync, places, families, cancellation);

    /// <summary>As <see cref="ResolveAsync"/>, with another source of addresses.</summary>
    /// <param name="resolve">Asks for the addresses of a name; throws as <see cref="Dns"/> does.</param>
    /// <param name="places">What to resolve.</param>
    /// <param name="families">Only addresses of these families; none means both.</param>
    /// <param name="cancellation">Gives up.</param>
    internal static async Task<IReadOnlyList<Endpoint>> ResolveByAsync(
        Func<string, CancellationToken, Task<IPAddress[]>> resolve,
        IEnumerable<HostPort> places,
        IpFamily families,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(places);
        IpFamily wanted = families == IpFamily.None ? IpFamily.Both : families;
        Task<Endpoint[]>[] lookups = [.. places.Select(place => ResolveOneAsync(resolve, place, cancellation))];
        Endpoint[][] found = await Task.WhenAll(lookups).ConfigureAwait(false);
        return [.. found.SelectMany(endpoints => FewOfEach(endpoints, wanted)).Distinct()];
    }

    /// <summary>Many addresses in one family must not crowd out the other, which may be the one that works.</summary>
    private static IEnumerable<Endpoint> FewOfEach(Endpoint[] endpoints, IpFamily wanted)
    {
        int countIPv4 = 0;
        int countIPv6 = 0;
        foreach (Endpoint endpoint in endpoints)
        {
            ref int count = ref endpoint.IsIPv6 ? ref countIPv6 : ref countIPv4;
            if ((endpoint.Family & wanted) != 0 && count++ < AddressesPerNameMax)
            {
                yield return endpoint;
            }
        }
    }

    private static async Task<Endpoint[]> ResolveOneAsync(
        Func<string, CancellationToken, Task<IPAddress[]>> resolve, HostPort place, CancellationToken cancellation)
    {
        if (!place.IsComplete)
        {
            throw new ArgumentException($"'{place}' cannot be asked; a place needs a host and a port.", nameof(place));
        }

        if (place.TryGetEndpoint(out Endpoint endpoint))
        {
            return [endpoint];
        }

        try
        {
            IPAddress[] addresses = await resolve(place.Host, cancellation)
                .WaitAsync(Patience, cancellation).ConfigureAwait(false);
            return [.. addresses.Select(address => Endpoint.FromAddress(address, place.Port).Unmap())];
        }
        catch (Exception fault) when (fault is SocketException or TimeoutException or ArgumentException)
        {
            return [];
        }
    }
}
