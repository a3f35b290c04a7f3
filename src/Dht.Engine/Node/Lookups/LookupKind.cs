namespace Dht.Engine.Node;

/// <summary>What a lookup is for.</summary>
public enum LookupKind : byte
{
    /// <summary>The contacts nearest to an id.</summary>
    FindNode,

    /// <summary>Peers of a torrent.</summary>
    GetPeers,

    /// <summary>Telling the nodes nearest to a torrent that a peer has it.</summary>
    Announce,

    /// <summary>The node's own: joining, and keeping its tables fresh.</summary>
    Upkeep,
}
