using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Invariants;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Timing;

namespace Dht.Engine;

/// <summary>A crawl under way in the loop: the call that starts it, its progress, and its end.</summary>
internal sealed class CrawlRun : ILoopCall, ILoopCrawl
{
    private readonly CrawlRequest _request;
    private readonly ICrawlObserver _observer;
    private readonly ICrawlHost _host;
    private readonly TaskCompletionSource<CrawlReport> _done =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly CrawlRepeat _repeat;
    private Crawler? _crawler;
    private CrawlGaps _told;
    private Instant _startedAt;
    private Instant _now;
    private CrawlReport _progress;
    private volatile bool _stopping;

    /// <param name="request">What to crawl, with a start.</param>
    /// <param name="observer">Notified of what is found, in place of the observer of the request.</param>
    /// <param name="host">The loop.</param>
    public CrawlRun(CrawlRequest request, ICrawlObserver observer, ICrawlHost host)
    {
        _request = request;
        _observer = observer;
        _host = host;
        _repeat = new CrawlRepeat(request.FindStart, host);
    }

    public Task<CrawlReport> Done => _done.Task;

    public bool IsOver => _done.Task.IsCompleted;

    public Instant NextDeadline =>
        _stopping ? Instant.Zero : Instant.Min(_crawler!.NextDeadline, _repeat.Due);

    public CrawlCounters Counters => Progress.Counters;

    /// <summary>The figures of the moment, taken one by one; from any thread.</summary>
    public CrawlReport Progress
    {
        get
        {
            if (_crawler is not { } crawler || IsOver)
            {
                return _progress;
            }

            CrawlGaps gaps = crawler.Gaps;
            return new CrawlReport(crawler.Counters, _now - _startedAt, gaps == CrawlGaps.None)
            {
                Gaps = gaps,
                IsOver = crawler.IsOver,
            };
        }
    }

    public void Run(MainlineNode node, Instant now)
    {
        try
        {
            Begin(node, now);
        }
        catch (Exception fault)
        {
            _done.TrySetException(fault);
            if (fault is InvariantException)
            {
                throw;
            }
        }
    }

    public void Abandon() => _done.TrySetException(
        new ObjectDisposedException(nameof(DhtEngine), "The engine stopped before the crawl began."));

    /// <summary>Asks for an early end; from any thread.</summary>
    public void RequestStop()
    {
        _stopping = true;
        _host.Wake();
    }

    public void Tick(Instant now)
    {
        _now = now;
        if (!_stopping)
        {
            _crawler!.Tick(now);
            Tell(_crawler.Trouble);
        }

        bool enough = _request.NodesMax > 0 && _crawler!.Counters.NodesAlive >= _request.NodesMax;
        if (_stopping || enough || (_crawler!.IsOver && _request.UntilComplete))
        {
            End(failure: null);
        }
        else if (!_request.UntilComplete)
        {
            _repeat.Tick(_crawler!, now);
        }
    }

    public bool TrySettle(in KrpcMessage message, in Endpoint source, Instant now) =>
        !IsOver && _crawler!.TrySettle(message, source, now);

    public void End(Exception? failure)
    {
        if (failure != null)
        {
            _done.TrySetException(failure);
            return;
        }

        _progress = Progress;
        _done.TrySetResult(_progress);
    }

    /// <summary>Logs what has begun since the last look, or ended: each thing once.</summary>
    private void Tell(CrawlGaps trouble)
    {
        if (trouble == _told)
        {
            return;
        }

        CrawlGaps begun = trouble & ~_told;
        if ((begun & CrawlGaps.Offline) != 0)
        {
            _host.Log.CrawlOffline();
        }

        if ((_told & ~trouble & CrawlGaps.Offline) != 0)
        {
            _host.Log.CrawlOnline();
        }

        if ((begun & CrawlGaps.NotSent) != 0)
        {
            _host.Log.CrawlNotSent(_crawler!.Counters.NotSent);
        }

        if ((begun & CrawlGaps.KnownSetFull) != 0)
        {
            _host.Log.CrawlKnownSetFull(_crawler!.Counters.NodesSeen);
        }

        // That something was refused once, or is full, is told once; an outage each time.
        _told = (_told | trouble) & (trouble | ~CrawlGaps.Offline);
    }

    private void Begin(MainlineNode node, Instant now)
    {
        if (_host.IsCrawling)
        {
            throw new InvalidOperationException("This engine is crawling already; await that crawl first.");
        }

        _startedAt = now;
        _now = now;
        CrawlOptions options = _request.Options;
        Crawler crawler = _host.CreateCrawler(options with { Id = options.Id ?? node.Id }, _observer, now);
        foreach (Endpoint endpoint in _request.Start)
        {
            crawler.AddEndpoint(endpoint, now);
        }

        // Last: a crawl that could not begin is no part of the loop.
        _crawler = crawler;
        _host.Attach(this);
    }
}
