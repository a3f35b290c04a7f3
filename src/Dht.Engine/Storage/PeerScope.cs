namespace Dht.Engine.Storage;

/// <summary>Which of a torrent's peers are meant, seen from one of them.</summary>
internal enum PeerScope : byte
{
    /// <summary>All.</summary>
    All,

    /// <summary>Those of its network.</summary>
    Network,

    /// <summary>Those of its site.</summary>
    Site,
}
