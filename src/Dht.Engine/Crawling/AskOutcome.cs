namespace Dht.Engine.Crawling;

/// <summary>What became of an attempt to ask the next node.</summary>
internal enum AskOutcome : byte
{
    /// <summary>A query is staged, or the node turned out not to be worth asking.</summary>
    Asked,

    /// <summary>The node's address, or all new destinations, have had their share for now; the node waits.</summary>
    Throttled,

    /// <summary>No new destination may be contacted for now.</summary>
    NewDestinationsSpent,

    /// <summary>No node is left to ask.</summary>
    NothingToAsk,
}
