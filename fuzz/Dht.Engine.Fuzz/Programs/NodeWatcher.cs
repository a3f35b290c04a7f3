using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;

namespace Dht.Engine.Fuzz.Programs;

/// <summary>
/// Counts what is reported to an observer, so that it can be compared with what the node counts; and throws now and
/// then.
/// </summary>
internal sealed class NodeWatcher : INodeObserver
{
    private const int ThrowEvery = 64;

    private static readonly Exception Fault = new InvalidOperationException("an observer that throws");

    private long _contacts;
    private long _responses;
    private long _errors;
    private long _timeouts;
    private long _told;

    /// <summary>How often it threw.</summary>
    public long Faults { get; private set; }

    /// <summary>What was reported to it is what the node has counted.</summary>
    public void Check(MainlineNode node)
    {
        NodeCounters counters = node.Counters;
        FuzzFailureException.Require(
            _contacts == node.ContactCount, "contacts found less those lost are those that are there");
        FuzzFailureException.Require(
            (_responses, _errors, _timeouts) == (counters.Responses, counters.Errors, counters.Timeouts),
            "every end of a query is reported");
    }

    /// <inheritdoc/>
    public void OnContactFound(in CompactNode contact) => Count(ref _contacts, 1);

    /// <inheritdoc/>
    public void OnContactLost(in CompactNode contact) => Count(ref _contacts, -1);

    /// <inheritdoc/>
    public void OnQuery(in KrpcMessage query, in Endpoint source) =>
        FuzzFailureException.Require(query.Kind == KrpcKind.Query, "a query is reported as one");

    /// <inheritdoc/>
    public void OnResponse(in KrpcMessage response, in Endpoint source, TimeSpan roundTrip) => Count(ref _responses, 1);

    /// <inheritdoc/>
    public void OnError(in KrpcMessage error, in Endpoint source) => Count(ref _errors, 1);

    /// <inheritdoc/>
    public void OnTimeout(in Endpoint destination) => Count(ref _timeouts, 1);

    /// <inheritdoc/>
    public void OnAnnounce(in InfoHash infoHash, in Endpoint peer) =>
        FuzzFailureException.Require(peer.Port != 0, "no peer listens on port 0");

    /// <inheritdoc/>
    public void OnExternalAddressChanged(in Endpoint previous, in Endpoint current) =>
        FuzzFailureException.Require(previous != current, "a change is one");

    /// <inheritdoc/>
    public void OnLookupFinished(in LookupReport report) =>
        FuzzFailureException.Require(report.Answered <= report.Asked, "no node answers that was not asked");

    private void Count(ref long count, int by)
    {
        count += by;
        if (++_told % ThrowEvery == 0)
        {
            Faults++;
            throw Fault;
        }
    }
}
