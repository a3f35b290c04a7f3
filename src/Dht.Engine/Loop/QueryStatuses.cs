using Dht.Engine.Node;

namespace Dht.Engine;

/// <summary>From what the node says at once to what the caller awaits.</summary>
internal static class QueryStatuses
{
    /// <summary>The status of a query that could not be sent.</summary>
    public static QueryStatus Of(AskResult asked) => asked switch
    {
        AskResult.Forbidden => QueryStatus.Forbidden,
        AskResult.Throttled => QueryStatus.Throttled,
        _ => QueryStatus.Busy,
    };
}
