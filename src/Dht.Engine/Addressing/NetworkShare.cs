namespace Dht.Engine.Addressing;

/// <summary>
/// How many of eight places one owner of addresses may have, and a count of those it has: of an IPv4 /24 or an IPv6 /56
/// two, of an IPv6 /48 three, of a /32 four. One rule for all that hold the nearest to an id: a table, a lookup, and
/// what they hand out must agree about who counts.
/// </summary>
/// <remarks>
/// A /48 with its 256 networks can be had by anybody: without a share of its own it wins all eight places beside an id
/// of its choice. With these shares all eight take two /32, as they take four /24 over IPv4. Honest nodes lose little
/// by it: where one /32 has a tenth of all nodes, it has more than four of the eight nearest once in 2,300 times, and
/// then the next nearest takes the place.
/// </remarks>
internal struct NetworkShare
{
    private readonly Endpoint _endpoint;
    private readonly int _ofNetwork;
    private int _inNetwork;
    private int _inOrganisation;
    private int _inProvider;

    /// <summary>Places of one network.</summary>
    public const int OfNetwork = 2;

    /// <summary>Places of one IPv6 /48.</summary>
    public const int OfOrganisation = 3;

    /// <summary>Places of one IPv6 /32.</summary>
    public const int OfProvider = 4;

    /// <summary>Places of one IPv6 /48 in a whole table.</summary>
    public const int OfOrganisationInTable = 8;

    /// <summary>Places of one IPv6 /32 in a whole table.</summary>
    public const int OfProviderInTable = 16;

    /// <summary>Begins to count who shares a block with an endpoint; the endpoint itself is not counted.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="ofNetwork">Places of one network.</param>
    public NetworkShare(in Endpoint endpoint, int ofNetwork = OfNetwork)
    {
        _endpoint = endpoint;
        _ofNetwork = ofNetwork;
    }

    /// <summary>Whether the endpoint has no place beside those counted.</summary>
    public readonly bool IsFull =>
        _inNetwork >= _ofNetwork || _inOrganisation >= OfOrganisation || _inProvider >= OfProvider;

    /// <summary>Counts one that has a place.</summary>
    public void Count(in Endpoint holder)
    {
        NetworkBlock common = _endpoint.CommonBlock(holder);
        _inNetwork += common >= NetworkBlock.Network ? 1 : 0;
        _inOrganisation += common >= NetworkBlock.Organisation ? 1 : 0;
        _inProvider += common >= NetworkBlock.Provider ? 1 : 0;
    }

    /// <summary>How many of a block may have a place.</summary>
    public static int Of(NetworkBlock block) => block switch
    {
        NetworkBlock.Network => OfNetwork,
        NetworkBlock.Organisation => OfOrganisation,
        _ => OfProvider,
    };
}
