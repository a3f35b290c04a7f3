using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Krpc;
using Dht.Engine.Timing;

namespace Dht.Engine;

/// <summary>A crawl under way in the loop: the call that starts it, the guard around the user's observer, and its end.</summary>
internal sealed class CrawlRun : IEngineCall, ICrawlObserver
{
    private readonly CrawlRequest _request;
    private readonly TaskCompletionSource<CrawlReport> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private EngineLoop? _loop;
    private Crawler? _crawler;
    private Instant _startedAt;
    private Instant _now;
    private CrawlReport _progress;
    private volatile bool _stopping;

    public CrawlRun(CrawlRequest request) => _request = request;

    public Task<CrawlReport> Done => _done.Task;

    public bool IsOver => _done.Task.IsCompleted;

    public Instant NextDeadline => _stopping ? Instant.Zero : _crawler!.NextDeadline;

    /// <summary>A count of the moment; may be read from any thread.</summary>
    public CrawlReport Progress => _crawler is { } crawler && !IsOver
        ? new CrawlReport(crawler.Counters, _now - _startedAt, crawler.IsComplete)
        : _progress;

    /// <summary>An observer that throws instead of saying is taken for one that is not ready.</summary>
    bool ICrawlObserver.IsReady
    {
        get
        {
            try
            {
                return _request.Observer?.IsReady ?? true;
            }
            catch (Exception fault)
            {
                _loop!.Report(fault);
                return false;
            }
        }
    }

    public void Run(EngineLoop loop, Instant now)
    {
        try
        {
            Begin(loop, now);
        }
        catch (Exception fault)
        {
            _done.TrySetException(fault);
        }
    }

    public void Abandon() => _done.TrySetException(new ObjectDisposedException(nameof(DhtEngine), "The engine stopped before the crawl began."));

    /// <summary>Asks for an early end; from any thread.</summary>
    public void RequestStop()
    {
        _stopping = true;
        _loop?.Wake();
    }

    public void Tick(Instant now)
    {
        _now = now;
        if (!_stopping)
        {
            _crawler!.Tick(now);
        }

        bool enough = _request.NodesMax > 0 && _crawler!.Counters.NodesAlive >= _request.NodesMax;
        if (_stopping || enough || (_crawler!.IsComplete && _request.UntilComplete))
        {
            End();
        }
    }

    /// <summary>Ends it with what was gathered; when the loop failed, with that.</summary>
    public void End(Exception? failure = null)
    {
        if (failure != null)
        {
            _done.TrySetException(failure);
            return;
        }

        if (_crawler != null)
        {
            _progress = new CrawlReport(_crawler.Counters, _now - _startedAt, _crawler.IsComplete);
        }

        _done.TrySetResult(_progress);
    }

    public bool TrySettle(in KrpcMessage message, in Endpoint source, Instant now) =>
        !IsOver && _crawler!.TrySettle(message, source, now);

    private void Begin(EngineLoop loop, Instant now)
    {
        if (loop.IsCrawling)
        {
            throw new InvalidOperationException("This engine is crawling already; await that crawl first.");
        }

        CrawlOptions options = _request.Options;
        options = options with
        {
            Id = options.Id ?? loop.Node.Id,
            ReadOnly = options.ReadOnly || loop.IsReadOnly,
            Families = options.Families != IpFamily.None ? options.Families : loop.Families,
        };
        _loop = loop;
        _startedAt = now;
        _now = now;
        var crawler = new Crawler(options, this, loop.Outbox, loop.AddressPolicy, loop.Random, now);
        foreach (Endpoint endpoint in _request.Start)
        {
            crawler.AddEndpoint(endpoint, now);
        }

        // Last: a crawl that could not begin is no part of the loop.
        _crawler = crawler;
        loop.Attach(this);
    }

    void ICrawlObserver.OnNode(in CrawledNode node)
    {
        try
        {
            _request.Observer?.OnNode(node);
        }
        catch (Exception fault)
        {
            _loop!.Report(fault);
        }
    }
}
