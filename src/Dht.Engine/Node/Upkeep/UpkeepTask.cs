namespace Dht.Engine.Node;

/// <summary>What a task does: something of the node's own, or code of the user.</summary>
internal enum UpkeepTask : byte
{
    /// <summary>A task of the user's.</summary>
    None,

    /// <summary>Joins where a table is empty.</summary>
    Join,

    /// <summary>Pings contacts that were silent for long.</summary>
    ContactPing,

    /// <summary>Looks up ids in buckets where nothing has happened for long.</summary>
    BucketRefresh,

    /// <summary>Looks for contacts near our own id.</summary>
    NeighbourSearch,

    /// <summary>Changes the secret of the write tokens.</summary>
    TokenRotation,

    /// <summary>Drops peers that have not been announced for long.</summary>
    PeerExpiry,

    /// <summary>Fits the ids to the external addresses where that had to wait.</summary>
    IdFit,
}
