namespace Dht.Engine.Node;

/// <summary>How a lookup ended.</summary>
public enum LookupStatus : byte
{
    /// <summary>Not ended.</summary>
    None,

    /// <summary>The nearest nodes that are alive have answered.</summary>
    Finished,

    /// <summary>
    /// Every node that could be asked was asked, and none answered but with errors: <see cref="LookupReport.Refusals"/>
    /// says whether any did, <see cref="LookupReport.NotSent"/> whether the system let us ask.
    /// </summary>
    NobodyAnswered,

    /// <summary>There was no node to ask: the table is empty, and no router or bootstrap node is known.</summary>
    NobodyKnown,

    /// <summary>As many lookups are under way, or calls waiting, as there may be: try again later.</summary>
    Busy,

    /// <summary>It was cancelled.</summary>
    Cancelled,

    /// <summary>The node stopped first.</summary>
    Stopped,
}
