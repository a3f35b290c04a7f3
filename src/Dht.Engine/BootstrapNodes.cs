using System.Net;
using System.Net.Sockets;
using Dht.Engine.Addressing;

namespace Dht.Engine;

/// <summary>Where one joins the public DHT, and how names become endpoints.</summary>
public static class BootstrapNodes
{
    // A name may stand for many machines; a few of them are enough, and other names want their turn.
    private const int AddressesPerNameMax = 8;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The public routers, as HOST:PORT. Some may be out of order at any time; ask them side by side.</summary>
    public static IReadOnlyList<string> Public { get; } =
    [
        "dht.libtorrent.org:25401",
        "dht.transmissionbt.com:6881",
        "router.bt.ouinet.work:6881",
        "router.bittorrent.com:6881",
        "router.utorrent.com:6881",
    ];

    /// <summary>
    /// Resolves places written as HOST:PORT, ADDRESS:PORT or [ADDRESS]:PORT, side by side. Names that cannot be resolved within five
    /// seconds are left out, so the result may be empty.
    /// </summary>
    /// <param name="family">Only addresses of this family; <see cref="IpFamily.None"/> takes both.</param>
    /// <exception cref="FormatException">A place has no port.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static async Task<IReadOnlyList<Endpoint>> ResolveAsync(
        IEnumerable<string> places, IpFamily family = IpFamily.None, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(places);
        Task<Endpoint[]>[] lookups = [.. places.Select(Split).Select(place => ResolveAsync(place.Host, place.Port, cancellation))];
        Endpoint[][] found = await Task.WhenAll(lookups).ConfigureAwait(false);
        return
        [
            .. found
                .SelectMany(endpoints => endpoints.Where(endpoint => family == IpFamily.None || endpoint.Family == family).Take(AddressesPerNameMax))
                .Distinct(),
        ];
    }

    /// <exception cref="FormatException">A place has no port.</exception>
    internal static void Check(IEnumerable<string> places)
    {
        foreach (string place in places)
        {
            Split(place);
        }
    }

    private static (string Host, ushort Port) Split(string place)
    {
        ArgumentNullException.ThrowIfNull(place);
        int colon = place.LastIndexOf(':');
        return colon > 0 && ushort.TryParse(place.AsSpan(colon + 1), out ushort port) && port != 0
            ? (place[..colon], port)
            : throw new FormatException($"'{place}' is not HOST:PORT; write, say, router.example.org:6881.");
    }

    private static async Task<Endpoint[]> ResolveAsync(string host, ushort port, CancellationToken cancellation)
    {
        if (Endpoint.TryParse($"{host}:{port}", out Endpoint literal))
        {
            return [literal];
        }

        try
        {
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(host, cancellation)
                .WaitAsync(Patience, cancellation).ConfigureAwait(false);
            return [.. addresses.Select(address => Endpoint.FromAddress(address, port).Unmap())];
        }
        catch (Exception fault) when (fault is SocketException or TimeoutException or ArgumentException)
        {
            return [];
        }
    }
}
