using Dht.Engine.Addressing;

namespace Dht.Engine.Storage;

/// <summary>The peers of one torrent, as <see cref="PeerPages"/> keeps them. The default is an empty list.</summary>
internal struct PeerList
{
    /// <summary>Its first page; of an empty list it means nothing.</summary>
    public int FirstPage;
    public int Count;

    /// <summary>How many of them are IPv6.</summary>
    public int CountIPv6;

    /// <summary>How many are of the family of an endpoint.</summary>
    public readonly int CountOf(in Endpoint endpoint) => endpoint.IsIPv6 ? CountIPv6 : Count - CountIPv6;
}
