namespace Dht.Engine.Node;

/// <summary>What a node has done so far: plain counts since it was created.</summary>
public record struct NodeCounters
{
    /// <summary>Queries that arrived.</summary>
    public long QueriesReceived { get; set; }

    /// <summary>Queries answered with a response.</summary>
    public long QueriesAnswered { get; set; }

    /// <summary>Queries answered with an error.</summary>
    public long ErrorsSent { get; set; }

    /// <summary>
    /// Queries not answered because their address was over its limit, or the answers to its network or to all over
    /// theirs.
    /// </summary>
    public long Throttled { get; set; }

    /// <summary>Queries not answered because the outbox was full or the address forbidden.</summary>
    public long AnswersDropped { get; set; }

    /// <summary>Queries that carried our own id: our own, reflected.</summary>
    public long Reflected { get; set; }

    /// <summary>Queries sent.</summary>
    public long QueriesSent { get; set; }

    /// <summary>Queries that the system refused to send; not among <see cref="QueriesSent"/>.</summary>
    public long QueriesNotSent { get; set; }

    /// <summary>Responses to queries of ours.</summary>
    public long Responses { get; set; }

    /// <summary>Errors in answer to queries of ours.</summary>
    public long Errors { get; set; }

    /// <summary>Queries of ours that were not answered in time.</summary>
    public long Timeouts { get; set; }

    /// <summary>Replies to no open query: late, duplicate, or made up.</summary>
    public long Unexpected { get; set; }

    /// <summary>Replies with the right transaction id from the wrong address or port.</summary>
    public long WrongSource { get; set; }

    /// <summary>Replies from the right place with another id than the one asked, or with ours.</summary>
    public long WrongId { get; set; }

    /// <summary>Peers stored for others.</summary>
    public long PeersStored { get; set; }

    /// <summary>Queries that a handler left without any answer.</summary>
    public long Vetoed { get; set; }

    /// <summary>Lookups that have ended, the node's own included.</summary>
    public long Lookups { get; set; }

    /// <summary>How often our id was derived again (BEP 42).</summary>
    public long IdChanges { get; set; }

    /// <summary>Exceptions that code of the user threw inside the node.</summary>
    public long Faults { get; set; }

    /// <summary>The figures of two parts of a node together.</summary>
    internal readonly NodeCounters Plus(in NodeCounters other) => new()
    {
        QueriesReceived = QueriesReceived + other.QueriesReceived,
        QueriesAnswered = QueriesAnswered + other.QueriesAnswered,
        ErrorsSent = ErrorsSent + other.ErrorsSent,
        Throttled = Throttled + other.Throttled,
        AnswersDropped = AnswersDropped + other.AnswersDropped,
        Reflected = Reflected + other.Reflected,
        QueriesSent = QueriesSent + other.QueriesSent,
        QueriesNotSent = QueriesNotSent + other.QueriesNotSent,
        Responses = Responses + other.Responses,
        Errors = Errors + other.Errors,
        Timeouts = Timeouts + other.Timeouts,
        Unexpected = Unexpected + other.Unexpected,
        WrongSource = WrongSource + other.WrongSource,
        WrongId = WrongId + other.WrongId,
        PeersStored = PeersStored + other.PeersStored,
        Vetoed = Vetoed + other.Vetoed,
        Lookups = Lookups + other.Lookups,
        IdChanges = IdChanges + other.IdChanges,
        Faults = Faults + other.Faults,
    };
}
