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
    /// <returns>The endpoints, each once, in the order of the places; at most eight for a name.</returns>
    /// <exception cref="ArgumentException">A place has no host or no port.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static async Task<IReadOnlyList<Endpoint>> ResolveAsync(
        IEnumerable<HostPort> places, IpFamily families = IpFamily.Both, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(places);
        IpFamily wanted = families == IpFamily.None ? IpFamily.Both : families;
        Task<Endpoint[]>[] lookups = [.. places.Select(place => ResolveOneAsync(place, cancellation))];
        Endpoint[][] found = await Task.WhenAll(lookups).ConfigureAwait(false);
        return
        [
            .. found
                .SelectMany(endpoints => endpoints
                    .Where(endpoint => (endpoint.Family & wanted) != 0).Take(AddressesPerNameMax))
                .Distinct(),
        ];
    }

    private static async Task<Endpoint[]> ResolveOneAsync(HostPort place, CancellationToken cancellation)
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
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(place.Host, cancellation)
                .WaitAsync(Patience, cancellation).ConfigureAwait(false);
            return [.. addresses.Select(address => Endpoint.FromAddress(address, place.Port).Unmap())];
        }
        catch (Exception fault) when (fault is SocketException or TimeoutException or ArgumentException)
        {
            return [];
        }
    }
}
