namespace Dht.Engine.Storage;

/// <summary>The peers of one torrent, as <see cref="PeerPages"/> keeps them. The default is an empty list.</summary>
internal struct PeerList
{
    /// <summary>Its first page; of an empty list it means nothing.</summary>
    public int FirstPage;
    public int Count;
}
