namespace Dht.Engine.Routing;

/// <summary>How far a contact can be relied on (BEP 5). The values are ordered: the smaller, the better.</summary>
public enum ContactHealth : byte
{
    /// <summary>
    /// It left no query of ours unanswered since its last answer, and it answered or queried us less than
    /// <see cref="RoutingTableOptions.StaleAfter"/> ago.
    /// </summary>
    Good,

    /// <summary>
    /// Silent for <see cref="RoutingTableOptions.StaleAfter"/> or longer, or it left one query unanswered.
    /// </summary>
    Questionable,

    /// <summary>It left two or more queries in a row unanswered.</summary>
    Bad,
}
