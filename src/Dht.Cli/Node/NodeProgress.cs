using System.Diagnostics;
using System.Globalization;
using Dht.Cli.Output;
using Dht.Engine;
using Dht.Engine.Identity;

namespace Dht.Cli.Node;

/// <summary>
/// What a running node says on standard error: that it has joined, or why not; how others see it; and a line of
/// figures now and then.
/// </summary>
internal sealed class NodeProgress
{
    private static readonly TimeSpan ShowInterval = TimeSpan.FromSeconds(10);

    // The nodes that are asked have had time to answer, and once more when the first packet was lost.
    private static readonly TimeSpan JoinPatience = TimeSpan.FromSeconds(6);

    private readonly DhtEngine _engine;
    private readonly NodeWatch _watch;
    private readonly Func<Task<string>> _whyNobody;
    private readonly Rate _received = new();
    private readonly Rate _answered = new();
    private readonly NodeNotices _notices;
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private long _shownAt = Stopwatch.GetTimestamp();
    private NodeId _id;
    private string _external = string.Empty;
    private Task<string>? _reason;
    private bool _hasShownReason;

    /// <param name="engine">Runs the node.</param>
    /// <param name="watch">Observes it.</param>
    /// <param name="isReadOnly">Whether it tells others not to ask it.</param>
    /// <param name="whyNobody">Finds out why no node is known.</param>
    public NodeProgress(DhtEngine engine, NodeWatch watch, bool isReadOnly, Func<Task<string>> whyNobody)
    {
        _engine = engine;
        _watch = watch;
        _whyNobody = whyNobody;
        _id = engine.Id;
        _notices = new NodeNotices(engine.LocalEndpoint, isReadOnly);
    }

    /// <summary>Says what there is to say. Between two lines it allocates nothing.</summary>
    public void Show(in DhtEngineCounters counters)
    {
        TimeSpan elapsed = Stopwatch.GetElapsedTime(_startedAt);
        foreach (string line in _notices.Look(counters, elapsed))
        {
            StandardError.WriteLine(line);
        }

        if (!_hasShownReason && _reason is { IsCompletedSuccessfully: true })
        {
            _hasShownReason = true;
            StandardError.WriteLine(
                _reason.Result + "; trying again from time to time, and waiting to be found by others");
        }

        if (!_notices.HasJoined && _reason == null && elapsed >= JoinPatience)
        {
            _reason = _whyNobody();
        }

        if (Stopwatch.GetElapsedTime(_shownAt) < ShowInterval)
        {
            return;
        }

        _shownAt = Stopwatch.GetTimestamp();
        ShowIdentity();
        StandardError.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{elapsed.TotalSeconds,6:N0} s  contacts {counters.Contacts:N0}  lookups "
                + $"{_watch.Lookups:N0}"
            + $"  packets in/s {_received.Since(counters.Transport.Received):N0}"
            + $"  answers/s {_answered.Since(counters.Node.QueriesAnswered):N0}"
            + $"{Human.Lost(counters.Transport.KernelDropped)}"
            + $"{(_external.Length > 0 ? "  external " : string.Empty)}{_external}"));
    }

    private void ShowIdentity()
    {
        _external = string.Join(" and ", _watch.ExternalAddresses);
        NodeId id = _engine.Id;
        if (id != _id)
        {
            _id = id;
            StandardError.WriteLine($"others see us at {_external}; our id is {id} now (BEP 42)");
        }
    }
}
