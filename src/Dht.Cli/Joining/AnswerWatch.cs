using System.Text;
using Dht.Engine;
using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Node;

namespace Dht.Cli.Joining;

/// <summary>
/// What no counter keeps of the answers to a node's queries: the last error, and the families that answered. Written by
/// the engine's thread, read by ours.
/// </summary>
internal sealed class AnswerWatch : INodeObserver
{
    private readonly Lock _gate = new();
    private ErrorReply? _lastError;
    private IpFamily _families;

    /// <summary>The latest error; null when there was none.</summary>
    public ErrorReply? LastError
    {
        get
        {
            lock (_gate)
            {
                return _lastError;
            }
        }
    }

    /// <summary>The families of the nodes that have answered.</summary>
    public IpFamily Families
    {
        get
        {
            lock (_gate)
            {
                return _families;
            }
        }
    }

    /// <summary>What an engine's counters say about its queries.</summary>
    /// <param name="counters">The engine's.</param>
    /// <param name="open">Queries that may be answered yet.</param>
    /// <param name="within">How long we have waited, when that was less than the queries may take.</param>
    public SilenceFacts FactsOf(in DhtEngineCounters counters, long open, TimeSpan? within = null) => new()
    {
        Sent = counters.Node.QueriesSent,
        NotSent = counters.Node.QueriesNotSent,
        SendError = counters.Transport.LastSendError,
        Errors = counters.Node.Errors,
        LastError = LastError,
        Open = open,
        Unusable = counters.Malformed + counters.Transport.Truncated + counters.Node.WrongId
            + counters.Node.WrongSource + counters.Node.Unexpected,
        Within = within,
    };

    void INodeObserver.OnResponse(in KrpcMessage response, in Endpoint source, TimeSpan roundTrip)
    {
        lock (_gate)
        {
            _families |= source.Family;
        }
    }

    void INodeObserver.OnError(in KrpcMessage error, in Endpoint source)
    {
        var reply = new ErrorReply(error.ErrorCode, Encoding.UTF8.GetString(error.ErrorText));
        lock (_gate)
        {
            _lastError = reply;
        }
    }
}
