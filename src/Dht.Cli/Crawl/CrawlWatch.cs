using System.Diagnostics;
using Dht.Cli.Output;
using Dht.Engine;
using Dht.Engine.Transport;

namespace Dht.Cli.Crawl;

/// <summary>
/// Waits for the end of a crawl and ends it when that is due. It looks many times a second, which allocates nothing;
/// progress is shown between two looks.
/// </summary>
internal sealed class CrawlWatch : IDisposable
{
    // The crawl counts as warm once so many packets have passed, or this share of the nodes that are expected has
    // answered.
    private const long WarmPackets = 20_000;
    private const double WarmShare = 0.2;

    private static readonly TimeSpan LookIntervalCold = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    private readonly DhtEngine _engine;
    private readonly CrawlHandle _crawl;
    private readonly StopSignal _stop;
    private readonly CrawlSettings _settings;
    private readonly NodeFile? _file;
    private readonly RefusalNotice _refusals = new();
    private readonly AllocationMeter _allocations = new();
    private readonly ManualResetEventSlim _wake = new();
    private readonly CancellationTokenRegistration _onStop;
    private readonly long _startedAt = Stopwatch.GetTimestamp();

    public CrawlWatch(
        DhtEngine engine,
        CrawlHandle crawl,
        StopSignal stop,
        CrawlSettings settings,
        NodeFile? file,
        SwarmRecall? recall)
    {
        _engine = engine;
        _crawl = crawl;
        _stop = stop;
        _settings = settings;
        _file = file;
        Recall = recall;
        _onStop = stop.Token.Register(_wake.Set);
        crawl.Completion.ContinueWith(
            _ => _wake.Set(),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    public SwarmRecall? Recall { get; }

    public CrawlReport Progress => _crawl.Progress;

    /// <summary>What the socket has done so far.</summary>
    public TransportCounters Transport => _engine.Counters.Transport;

    /// <summary>A line about packets that the system refuses to send; null when there is nothing new.</summary>
    public string? TakeRefusal() =>
        _refusals.Look(_engine.LocalEndpoint, Transport, Stopwatch.GetElapsedTime(_startedAt));

    public CrawlEnd End { get; private set; }

    /// <summary>What the crawl allocated per packet; known once it has ended.</summary>
    public double AllocatedBytesPerPacket { get; private set; }

    /// <summary>Follows the crawl to its end.</summary>
    /// <param name="interval">How long is between two shows, at least.</param>
    /// <param name="show">Shows how it goes.</param>
    public void Follow(TimeSpan interval, Action show)
    {
        long shownAt = Stopwatch.GetTimestamp();
        while (Wait())
        {
            if (Stopwatch.GetElapsedTime(shownAt) >= interval)
            {
                shownAt = Stopwatch.GetTimestamp();
                show();
            }
        }
    }

    public void Dispose()
    {
        _onStop.Dispose();
        _wake.Dispose();
    }

    /// <summary>Waits until the next look; false when the crawl is over.</summary>
    private bool Wait()
    {
        if (!_crawl.Completion.IsCompleted)
        {
            _wake.Wait(_allocations.IsWarm ? LookInterval : LookIntervalCold);
            Look();
        }

        if (!_crawl.Completion.IsCompleted)
        {
            return true;
        }

        AllocatedBytesPerPacket = _allocations.BytesPerPacket(Packets());
        return false;
    }

    private void Look()
    {
        CrawlReport report = _crawl.Progress;
        if (!_allocations.HasBegun && Packets() > 0)
        {
            _allocations.MarkBegun();
        }

        if (!_allocations.IsWarm && !_crawl.Completion.IsCompleted && IsWarm(report))
        {
            _allocations.MarkWarm(Packets());
        }

        if (End == CrawlEnd.Itself && !_crawl.Completion.IsCompleted)
        {
            End = WhyEnd(report);
            if (End != CrawlEnd.Itself)
            {
                _wake.Reset();
                _crawl.Stop();
            }
        }
    }

    private bool IsWarm(in CrawlReport report) =>
        Packets() >= WarmPackets || (Recall != null && report.Counters.NodesAlive >= Recall.Nodes * WarmShare);

    private CrawlEnd WhyEnd(in CrawlReport report)
    {
        if (_stop.IsRaised)
        {
            return CrawlEnd.Interrupted;
        }

        if (_file is { HasFailed: true })
        {
            return CrawlEnd.OutputFailed;
        }

        if (_settings.Duration is { } duration && Stopwatch.GetElapsedTime(_startedAt) >= duration)
        {
            return CrawlEnd.TimeUp;
        }

        return report.IsOver && report.Counters.NodesAlive == 0 ? CrawlEnd.NobodyAnswered : CrawlEnd.Itself;
    }

    private long Packets()
    {
        DhtEngineCounters counters = _engine.Counters;
        return counters.Transport.Received + counters.Transport.Sent;
    }
}
