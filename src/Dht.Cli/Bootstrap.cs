using Dht.Engine;
using Dht.Engine.Addressing;

namespace Dht.Cli;

/// <summary>Turns the places to begin at into endpoints that the socket can reach.</summary>
internal static class Bootstrap
{
    /// <summary>
    /// Whether an IPv4 socket at <paramref name="bind"/> reaches this machine alone, so that no public router can
    /// answer.
    /// </summary>
    public static bool IsLocal(in Endpoint bind) =>
        AddressPolicy.Classify(bind.WithPort(1)) == AddressVerdict.Loopback;

    /// <summary>
    /// The wildcard address that reaches all given places: IPv4 alone unless one of them is an IPv6 address.
    /// </summary>
    public static Endpoint WildcardFor(IEnumerable<HostPort> places, ushort port) =>
        places.Any(static place => place.TryGetEndpoint(out Endpoint endpoint) && endpoint.IsIPv6)
            ? Endpoint.FromIPv6(0, 0, port)
            : Endpoint.FromIPv4(0, port);

    /// <summary>Resolves all names side by side. Those that cannot be resolved, or not in time, are left out.</summary>
    public static async Task<List<Endpoint>> ResolveAsync(
        IEnumerable<HostPort> places, Endpoint bind, CancellationToken stop)
    {
        IpFamily reachable = bind is { IsIPv6: true, IsUnspecified: true } ? IpFamily.Both : bind.Family;
        try
        {
            return [.. await BootstrapNodes.ResolveAsync(places, reachable, stop).ConfigureAwait(false)];
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
            : throw new FailureException(VerdictText.Describe(found[0], policy.Check(found[0])));
    }

    /// <summary>Refuses addresses of which none may be asked; names are judged when they are resolved.</summary>
    /// <exception cref="FailureException">All places are addresses, and the policy forbids all of them.</exception>
    public static void CheckAddresses(IReadOnlyList<HostPort> places, IAddressPolicy policy)
    {
        var addresses = new List<Endpoint>(places.Count);
        foreach (HostPort place in places)
        {
            if (!place.TryGetEndpoint(out Endpoint endpoint))
            {
                return;
            }

            addresses.Add(endpoint);
        }

        Allowed(addresses, policy);
    }

    /// <summary>Why no node was found through these places, as one line for people.</summary>
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
            : VerdictText.Describe(found[0], policy.Check(found[0]));
    }
}
