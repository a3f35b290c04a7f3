namespace Dht.Engine;

/// <summary>How a query ended.</summary>
public enum QueryStatus
{
    /// <summary>Not ended; what <c>a default result</c> has.</summary>
    None,

    /// <summary>The node answered.</summary>
    Answered,

    /// <summary>No answer in time.</summary>
    TimedOut,

    /// <summary>The node answered with an error.</summary>
    Error,

    /// <summary>The node answered with something that is not a result of the method.</summary>
    Malformed,

    /// <summary>The address policy refuses the endpoint.</summary>
    Forbidden,

    /// <summary>The address has had as many queries as one address may have just now.</summary>
    Throttled,

    /// <summary>Too many queries are open, or too many calls wait for the loop.</summary>
    Busy,

    /// <summary>The engine stopped first.</summary>
    Stopped,

    /// <summary>The system refused to send the query: no route, no permission, no room.</summary>
    NotSent,
}
