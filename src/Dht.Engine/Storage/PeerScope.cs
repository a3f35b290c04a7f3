namespace Dht.Engine.Storage;

/// <summary>
/// Which of a torrent's peers are meant, seen from one of them; each scope contains the ones before it.
/// </summary>
internal enum PeerScope : byte
{
    /// <summary>Those of its site.</summary>
    Site,

    /// <summary>Those of its network.</summary>
    Network,

    /// <summary>Those of its /48; none over IPv4.</summary>
    Organisation,

    /// <summary>Those of its /32; none over IPv4.</summary>
    Provider,

    /// <summary>Those of its family.</summary>
    Family,
}
