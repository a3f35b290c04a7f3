using Dht.Cli.Arguments;
using Dht.Engine;
using Dht.Engine.Addressing;

namespace Dht.Cli;

/// <summary>Turns the places to begin at into endpoints that the socket can reach.</summary>
internal static class Bootstrap
{
    /// <summary>Where nodes of the public DHT join it.</summary>
    public static IReadOnlyList<HostPort> PublicRouters { get; } = [.. BootstrapNodes.Public.Select(Parse)];

    /// <summary>Whether an IPv4 socket at <paramref name="bind"/> reaches this machine alone, so that no public router can answer.</summary>
    public static bool IsLocal(in Endpoint bind) => AddressPolicy.Classify(bind.WithPort(1)) == AddressVerdict.Loopback;

    /// <summary>The wildcard address that reaches all given places: IPv4 alone unless one of them is an IPv6 address.</summary>
    public static Endpoint WildcardFor(IEnumerable<HostPort> places, ushort port) =>
        places.Any(static place => place.Literal is { IsIPv6: true }) ? Endpoint.FromIPv6(0, 0, port) : Endpoint.FromIPv4(0, port);

    /// <summary>Resolves all names side by side. Those that cannot be resolved, or not in time, are left out.</summary>
    public static async Task<List<Endpoint>> ResolveAsync(IReadOnlyList<HostPort> places, Endpoint bind, CancellationToken stop)
    {
        IpFamily reachable = bind is { IsIPv6: true, IsUnspecified: true } ? IpFamily.None : bind.Family;
        try
        {
            return [.. await BootstrapNodes.ResolveAsync(places.Select(static place => place.ToString()), reachable, stop).ConfigureAwait(false)];
        }
        catch (OperationCanceledException)
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

    /// <summary>Refuses addresses written out of which none may be asked; names are judged when they are resolved.</summary>
    /// <exception cref="FailureException">All places are addresses, and the policy forbids all of them.</exception>
    public static void CheckLiterals(IReadOnlyList<HostPort> places, IAddressPolicy policy)
    {
        if (places.All(static place => place.Literal != null))
        {
            Allowed([.. places.Select(static place => place.Literal!.Value)], policy);
        }
    }

    /// <summary>Why nobody was found through these places, as one line for people.</summary>
    public static async Task<string> WhyNobodyAsync(
        IReadOnlyList<HostPort> places, Endpoint bind, IAddressPolicy policy, CancellationToken stop)
    {
        if (places.Count == 0)
        {
            return "nobody is known; name nodes with --bootstrap";
        }

        List<Endpoint> found = await ResolveAsync(places, bind, stop).ConfigureAwait(false);
        if (found.Count == 0)
        {
            return $"no bootstrap node answered: none of {places.Count} can be resolved and reached from {bind}";
        }

        return found.Exists(endpoint => policy.Check(endpoint) == AddressVerdict.Allowed)
            ? "no bootstrap node answered; is the network up, and are the nodes named by --bootstrap running?"
            : Forbidden.Describe(found[0], policy.Check(found[0]));
    }

    private static HostPort Parse(string place) => HostPort.TryParse(place, out HostPort? parsed)
        ? parsed
        : throw new FormatException($"'{place}' is not {HostPort.Shape}");
}
