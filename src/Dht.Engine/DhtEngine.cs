using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Routing;
using Dht.Engine.Transport;
using Microsoft.Extensions.ObjectPool;

namespace Dht.Engine;

/// <summary>
/// A DHT node on a socket, with a loop thread of its own, and the crawls that run over it: the face for programs that embed it.
/// </summary>
/// <remarks>All members are thread-safe. Start it, await what it does, dispose it.</remarks>
public sealed partial class DhtEngine : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly DhtEngineOptions _options;
    private readonly ObjectPool<PingCall> _pings;
    private readonly EngineMeter _meter;
    private EngineLoop? _loop;
    private Task _ended = Task.CompletedTask;

    /// <summary>
    /// The task that resolves the names of routers and bootstrap nodes again while no contact is known
    /// (<see cref="DhtEngineOptions.BootstrapHosts"/>), once a minute.
    /// </summary>
    public const string HostResolution = "host-resolution";

    /// <summary>Makes an engine that is not started yet.</summary>
    /// <exception cref="ArgumentException">An option is out of its range, or a table is none.</exception>
    /// <exception cref="FormatException">A router or bootstrap node is not HOST:PORT.</exception>
    public DhtEngine(DhtEngineOptions? options = null)
    {
        _options = options ?? new DhtEngineOptions();
        _options.Validate();
        _log = EngineLog.Create(_options.LoggerFactory);
        if (_options.StatePath != null)
        {
            _stateFile = new StateFile(_options.StatePath);
            _extensions.Tasks.Add(StateSaving, StateSavingInterval, SaveStateSoon);
        }

        _extensions.Tasks.Add(HostResolution, TimeSpan.FromMinutes(1), ResolveWhileAlone);
        _meter = new EngineMeter(_options.MeterFactory);
        _pings = new DefaultObjectPool<PingCall>(new PingCallPolicy(() => _pings!), 256);
    }

    /// <summary>Makes an engine with a routing table of your own; it is not started yet.</summary>
    /// <param name="table">Added to <see cref="Node.NodeOptions.Tables"/>; used by the loop's thread from the start to the stop.</param>
    /// <param name="options">The other settings.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or there are two tables for one family.</exception>
    /// <exception cref="FormatException">A router or bootstrap node is not HOST:PORT.</exception>
    public DhtEngine(IRoutingTable table, DhtEngineOptions? options = null)
        : this(WithTable(table, options ?? new DhtEngineOptions()))
    {
    }

    /// <summary>Whether it is started and its loop is alive.</summary>
    public bool IsRunning => _loop is { Stopped.IsCompleted: false };

    /// <summary>
    /// Completes when the engine stops. It fails when the loop itself failed, which only a broken transport or clock can cause; user
    /// code that throws inside the loop does not end it.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is not started.</exception>
    public Task Completion => Running().Stopped;

    /// <summary>Where it is bound; the port is the real one.</summary>
    /// <exception cref="InvalidOperationException">It is not started.</exception>
    public Endpoint LocalEndpoint => Running().LocalEndpoint;

    /// <summary>The id of its node.</summary>
    /// <exception cref="InvalidOperationException">It is not started.</exception>
    public NodeId Id => Running().Node.Id;

    /// <summary>What it has done since it was started.</summary>
    /// <exception cref="InvalidOperationException">It is not started.</exception>
    public DhtEngineCounters Counters => Running().Counters;

    /// <summary>
    /// Binds the socket and starts the loop. May be called again after a failure, and after <see cref="StopAsync"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is started already.</exception>
    /// <exception cref="IOException">The saved state is there but cannot be read.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The address is not ours, or the port is taken.</exception>
    public void Start()
    {
        lock (_gate)
        {
            if (_loop != null)
            {
                throw new InvalidOperationException("The engine is started already; stop it before starting it again.");
            }

            if (!_ended.IsCompleted)
            {
                throw new InvalidOperationException("The engine is still stopping; await StopAsync before starting it again.");
            }

            NodeState? state = LoadState();
            IDatagramTransport transport = MakeTransport();
            try
            {
                var faults = new UserFaults(_options.OnFault, _log);
                var telemetry = new LoopTelemetry(_meter, _log);
                var loop = new EngineLoop(WithIds(_options, state), transport, _extensions, telemetry, _log, faults);
                if (state != null)
                {
                    loop.Node.AddSaved(state);
                }

                // First: user code that the loop calls at once may call the engine.
                _loop = loop;
                loop.Start();
                _ = loop.Hosts.ResolveAsync();
            }
            catch
            {
                _loop = null;
                _meter.Close();
                transport.Dispose();
                throw;
            }
        }
    }

    /// <summary>
    /// Stops the loop and frees the port. A crawl under way ends with what it has gathered. Does nothing when it is not started.
    /// From inside the loop it only asks for the end, because the loop cannot wait for itself.
    /// </summary>
    /// <remarks>
    /// Every caller waits for the same end, so that the port is free and the state is saved when the task completes. After a stop from
    /// inside the loop, another call from elsewhere waits for that end.
    /// </remarks>
    public async Task StopAsync()
    {
        EngineLoop? loop;
        Task ended;
        lock (_gate)
        {
            loop = _loop;
            _loop = null;
            _ended = loop == null ? _ended : EndAsync(loop);
            ended = _ended;
        }

        loop?.RequestStop();
        if (loop is not { IsOnThread: true })
        {
            await ended.ConfigureAwait(false);
        }
    }

    /// <summary>Pings a node.</summary>
    /// <param name="destination">Where it is.</param>
    /// <param name="cancellation">Gives up waiting; the query itself has been sent.</param>
    /// <returns>What came of it. Await it once; the object behind it is pooled.</returns>
    /// <exception cref="InvalidOperationException">The engine is not started.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public ValueTask<PingResult> PingAsync(Endpoint destination, CancellationToken cancellation = default)
    {
        EngineLoop loop = Running();
        cancellation.ThrowIfCancellationRequested();
        PingCall call = _pings.Get();
        ValueTask<PingResult> result = call.Begin(loop, destination, cancellation);
        if (loop.TryPost(call))
        {
            call.Watch();
        }
        else
        {
            call.Abandon(loop.IsStopped ? QueryStatus.Stopped : QueryStatus.Busy);
        }

        return result;
    }

    /// <summary>
    /// Starts a crawl over the engine's socket. One at a time: while another is under way, the completion of this one fails.
    /// </summary>
    /// <exception cref="InvalidOperationException">The engine is not started, has no room for calls, or there is nowhere to begin.</exception>
    public CrawlHandle StartCrawl(CrawlRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Options.Validate();
        EngineLoop loop = Running();
        IReadOnlyList<Endpoint> start = request.Start.Count > 0 ? request.Start : [.. _options.Bootstrap, .. _options.Routers];
        if (start.Count == 0)
        {
            throw new InvalidOperationException("A crawl needs somewhere to begin: set CrawlRequest.Start, or Bootstrap or Routers of DhtEngineOptions.");
        }

        CrawlOptions options = request.Options;
        options = options with
        {
            ReadOnly = options.ReadOnly || _options.Node.ReadOnly,
            Families = options.Families != IpFamily.None ? options.Families : loop.Families,
        };
        var observer = new GuardedCrawlObserver(request.Observer, loop.Faults);
        var run = new CrawlRun(request with { Start = start, Options = options }, observer, loop);
        return loop.TryPost(run) ? new CrawlHandle(run) : throw CannotPost();
    }

    /// <summary>Crawls and awaits the end.</summary>
    /// <param name="stop">Ends the crawl early. That is no error: the report tells how far it got.</param>
    /// <exception cref="InvalidOperationException">As for <see cref="StartCrawl"/>.</exception>
    public async Task<CrawlReport> CrawlAsync(CrawlRequest request, CancellationToken stop = default)
    {
        CrawlHandle crawl = StartCrawl(request);
        await using (stop.UnsafeRegister(static state => ((CrawlHandle)state!).Stop(), crawl).ConfigureAwait(false))
        {
            return await crawl.Completion.ConfigureAwait(false);
        }
    }

    /// <summary>Stops it.</summary>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    private static DhtEngineOptions WithTable(IRoutingTable table, DhtEngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        return options with { Node = options.Node with { Tables = [.. options.Node.Tables, table] } };
    }

    private IDatagramTransport MakeTransport() => _options.CreateTransport == null
        ? DatagramTransport.Bind(_options.Bind, _options.Transport)
        : _options.CreateTransport() ?? throw new InvalidOperationException("DhtEngineOptions.CreateTransport returned no transport.");

    private void ResolveWhileAlone(Node.MainlineNode node, Timing.Instant now)
    {
        if (node.ContactCount == 0 && _loop is { } loop)
        {
            _ = loop.Hosts.ResolveAsync();
        }
    }

    private async Task EndAsync(EngineLoop loop)
    {
        // What ended a loop by itself is told by Completion; it must not hide an exception of the caller's own.
        await loop.Stopped.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_stateFile != null && loop.FinalState is { } state)
        {
            // The loop has ended, so no other save begins; one under way would bring back an older state.
            await _saving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Run(() => SaveState(state)).ConfigureAwait(false);
        }
    }

    internal EngineLoop Running() =>
        _loop ?? throw new InvalidOperationException("The engine is not started; call Start first.");

    private sealed class PingCallPolicy(Func<ObjectPool<PingCall>> pool) : PooledObjectPolicy<PingCall>
    {
        public override PingCall Create() => new(pool());

        public override bool Return(PingCall obj) => true;
    }
}
