namespace Dht.Engine.Addressing;

/// <summary>
/// How many of something come from each IPv6 /48 and each /32. IPv4 has no such blocks: there nobody is counted.
/// Allocates only when created; one thread.
/// </summary>
internal sealed partial class BlockCounts
{
    private readonly SourceCounts _organisations;
    private readonly SourceCounts _providers;
    private int _count;

    /// <param name="capacity">The most IPv6 sources counted at once; 0 where there are none.</param>
    /// <param name="hasher">With a random key.</param>
    public BlockCounts(int capacity, EndpointHasher hasher)
    {
        _organisations = new SourceCounts(capacity, hasher);
        _providers = new SourceCounts(capacity, hasher);
    }

    /// <summary>How many come from the /48 of an endpoint; of IPv4, 0.</summary>
    public int OfOrganisation(in Endpoint endpoint) =>
        endpoint.IsIPv6 ? _organisations.CountOf(endpoint.BlockOf(NetworkBlock.Organisation)) : 0;

    /// <summary>How many come from the /32 of an endpoint; of IPv4, 0.</summary>
    public int OfProvider(in Endpoint endpoint) =>
        endpoint.IsIPv6 ? _providers.CountOf(endpoint.BlockOf(NetworkBlock.Provider)) : 0;

    public void Add(in Endpoint endpoint)
    {
        if (endpoint.IsIPv6)
        {
            _organisations.Add(endpoint.BlockOf(NetworkBlock.Organisation));
            _providers.Add(endpoint.BlockOf(NetworkBlock.Provider));
            _count++;
        }
    }

    /// <summary>Takes one back; it must have been counted.</summary>
    public void Remove(in Endpoint endpoint)
    {
        if (endpoint.IsIPv6)
        {
            _organisations.Remove(endpoint.BlockOf(NetworkBlock.Organisation));
            _providers.Remove(endpoint.BlockOf(NetworkBlock.Provider));
            _count--;
        }
    }
}
