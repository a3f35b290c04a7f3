using System.Net.Sockets;
using Dht.Cli.Arguments;
using Dht.Cli.Output;
using Dht.Engine;
using Dht.Engine.Addressing;
using Dht.Engine.Node;

namespace Dht.Cli.Joining;

/// <summary>
/// The nodes to begin at: the places that the user named, what they stand for, and the socket that reaches them. Places
/// are resolved first and the socket is chosen then, since nobody sees from a name which family it has.
/// </summary>
internal sealed record EntryNodes
{
    public required IReadOnlyList<HostPort> Places { get; init; }

    /// <summary>What the places stand for, in both families, whether they can be asked or not.</summary>
    public required IReadOnlyList<Endpoint> Found { get; init; }

    /// <summary>The socket: the user's, or a wildcard address.</summary>
    public required Endpoint Bind { get; init; }

    public required IAddressPolicy Policy { get; init; }

    /// <summary>Those that the socket reaches and the policy lets us ask, as many as a node takes.</summary>
    public IReadOnlyList<Endpoint> Reached =>
        [.. InFamilies(Found).Where(IsAllowed).Take(MainlineNode.EntriesMax)];

    /// <summary>Those that are asked, in words.</summary>
    public string Who => Reached switch
    {
        [] => "the contacts that were saved",
        [Endpoint only] => only.ToString(),
        _ => $"{Human.Count(Reached.Count)} bootstrap nodes",
    };

    /// <summary>Resolves the places of a command and chooses its socket.</summary>
    /// <param name="network">What the user said.</param>
    /// <param name="port">The local port when the user named none.</param>
    /// <param name="stop">Gives up; nothing is found then.</param>
    /// <param name="resolve">Resolves names; null asks the system.</param>
    public static async Task<EntryNodes> FindAsync(
        NetworkSettings network, ushort port, CancellationToken stop, ResolvePlaces? resolve = null)
    {
        IReadOnlyList<HostPort> places = network.Places;
        IReadOnlyList<Endpoint> found = await ResolveAsync(places, resolve ?? BySystem, stop).ConfigureAwait(false);
        IAddressPolicy policy = network.AddressPolicy;
        var allowed = found.Where(endpoint => policy.Check(endpoint) == AddressVerdict.Allowed).ToList();
        return new EntryNodes
        {
            Places = places,
            Found = found,
            Bind = network.Bind ?? ChooseSocket(network, allowed.Count > 0 ? allowed : found, port),
            Policy = policy,
        };
    }

    /// <summary>For a socket that is chosen already: addresses alone, without asking anybody about names.</summary>
    public static Task<IReadOnlyList<Endpoint>> OnlyAddresses(
        IReadOnlyList<HostPort> places, CancellationToken cancellation) =>
        BySystem([.. places.Where(static place => place.IsAddress)], cancellation);

    /// <summary>What the places stand for now, from the same socket.</summary>
    public async Task<EntryNodes> FindAgainAsync(CancellationToken stop) =>
        this with { Found = await ResolveAsync(Places, BySystem, stop).ConfigureAwait(false) };

    /// <summary>Refuses addresses of which none may be asked; a name may stand for others later.</summary>
    /// <exception cref="FailureException">All places are addresses, and the policy forbids all of them.</exception>
    public void ThrowIfForbidden()
    {
        if (Places.All(static place => place.IsAddress)
            && InFamilies(Found) is [Endpoint first, ..]
            && Reached.Count == 0)
        {
            throw new FailureException(VerdictText.Describe(first, Policy.Check(first)));
        }
    }

    /// <summary>Why there is nobody to ask, as one line for people; null when there is somebody.</summary>
    public string? WhyNobody()
    {
        if (Places.Count == 0)
        {
            return "nobody is known; name nodes with --bootstrap";
        }

        if (Found.Count == 0)
        {
            return Places.Count == 1
                ? $"the name {Places[0].Host} could not be resolved"
                : $"none of {Places.Count} names could be resolved, {Places[0].Host} the first of them";
        }

        List<Endpoint> inFamily = InFamilies(Found);
        return inFamily.Count == 0 ? WhyOutOfReach()
            : inFamily.Exists(IsAllowed) ? null
            : VerdictText.Describe(inFamily[0], Policy.Check(inFamily[0]));
    }

    private static async Task<IReadOnlyList<Endpoint>> ResolveAsync(
        IReadOnlyList<HostPort> places, ResolvePlaces resolve, CancellationToken stop)
    {
        try
        {
            return await resolve(places, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return [];
        }
    }

    private static Task<IReadOnlyList<Endpoint>> BySystem(
        IReadOnlyList<HostPort> places, CancellationToken cancellation) =>
        BootstrapNodes.ResolveAsync(places, IpFamily.Both, cancellation);

    private static Endpoint ChooseSocket(NetworkSettings network, IReadOnlyList<Endpoint> found, ushort port) =>
        network.Bootstrap.Count > 0
            ? SocketChoice.WildcardFor(found, port, Socket.OSSupportsIPv6)
            : SocketChoice.UsualFor(found, port, Socket.OSSupportsIPv6, SocketChoice.HasRoute);

    private string WhyOutOfReach()
    {
        string who = Places.Count == 1 ? $"{Places[0]} has" : $"the {Places.Count} bootstrap nodes have";
        string family = Found[0].IsIPv6 ? "IPv6" : "IPv4";
        return $"{who} {family} addresses only, which a socket at {Bind} does not reach; leave --bind out, or give "
            + "--bind [::]:0";
    }

    private List<Endpoint> InFamilies(IEnumerable<Endpoint> endpoints)
    {
        IpFamily families = SocketChoice.FamiliesOf(Bind);
        return [.. endpoints.Where(endpoint => (endpoint.Family & families) != 0)];
    }

    private bool IsAllowed(Endpoint endpoint) => Policy.Check(endpoint) == AddressVerdict.Allowed;
}
