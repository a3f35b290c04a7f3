using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Invariants;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;
using Dht.Engine.Transport;
using Microsoft.Extensions.Logging;

namespace Dht.Engine;

/// <summary>
/// The one loop, on one thread: read the clock, take in what has arrived, run calls from other threads, do what is
/// due, send, wait. Everything below the roof lives on this thread.
/// </summary>
internal sealed class EngineLoop : ILoopEntrance, ICrawlHost, IDatagramReceiver
{
    private const int CallsPerTurn = 64;
    private const int OutboxDatagrams = 512;
    private const int OutboxBytes = 512 * 1024;

    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(1);

    private readonly IDatagramTransport _transport;
    private readonly GuardedReceiver? _foreignReceiver;
    private readonly IRandomSource _random;
    private readonly IClock _clock;
    private readonly ILogger _log;
    private readonly LoopTelemetry _telemetry;
    private readonly Mailbox _mailbox;
    private readonly Outbox _outbox;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Registration? _reporter;
    private ILoopCrawl? _crawl;
    private Instant _now;
    private TimeSpan _clockBehind;
    private volatile int _contacts;
    private long _malformed;
    private long _foreign;
    private volatile bool _stopping;

    public EngineLoop(
        DhtEngineOptions options,
        IDatagramTransport transport,
        NodeExtensions extensions,
        LoopTelemetry telemetry,
        ILogger log,
        UserFaults faults)
    {
        _telemetry = telemetry;
        _log = log;
        Faults = faults;
        _transport = transport;
        _foreignReceiver =
            options.ForeignReceiver == null ? null : new GuardedReceiver(options.ForeignReceiver, faults);
        _clock = options.Clock ?? SystemClock.Instance;
        _mailbox = new Mailbox(options.MailboxCapacity);
        _random = options.Random ?? new SystemRandomSource();
        Families = FamiliesOf(transport.LocalEndpoint);
        _outbox = new Outbox(OutboxDatagrams, OutboxBytes, options.AddressPolicy, Families);
        _now = _clock.Now;
        faults.SetTime(_now);

        // First: a table of the user's may throw when the node takes it.
        extensions.OnFault = faults.Report;
        NodeOptions settings = options.Node with { LocalEndpoint = transport.LocalEndpoint };
        Node = new MainlineNode(settings, _outbox, _random, _now, extensions);
        Hosts = new HostEntries(
            options, Families, this, static (place, families) => BootstrapNodes.ResolveAsync([place], families));
        foreach (Endpoint router in Hosts.Routers)
        {
            Node.AddRouter(router);
        }

        foreach (Endpoint node in Hosts.Bootstrap)
        {
            Node.AddBootstrap(node);
        }

        _thread = new Thread(Run) { IsBackground = true, Name = "dht-engine" };
    }

    public MainlineNode Node { get; }

    public HostEntries Hosts { get; }

    /// <summary>What is to be saved, once the loop has ended; null before.</summary>
    public NodeState? FinalState { get; private set; }

    /// <summary>When the loop ended.</summary>
    public Instant EndedAt => _now;

    /// <summary>The families that the socket reaches.</summary>
    public IpFamily Families { get; }

    /// <summary>Where exceptions of user code go.</summary>
    public UserFaults Faults { get; }

    /// <summary>Where packets may go. A policy of the user's is behind a guard here.</summary>
    public IAddressPolicy Policy => _outbox.Policy;

    /// <summary>Where to write what a user must know.</summary>
    public ILogger Log => _log;

    public bool IsCrawling => _crawl != null;

    public bool IsStopped => _stopped.Task.IsCompleted;

    /// <summary>Completes when the loop has ended; fails when the loop itself failed.</summary>
    public Task Stopped => _stopped.Task;

    public Endpoint LocalEndpoint => _transport.LocalEndpoint;

    public bool IsOnThread => Thread.CurrentThread == _thread;

    /// <summary>The figures of the moment, taken one by one; from any thread.</summary>
    public DhtEngineCounters Counters => new()
    {
        Node = Node.Counters,
        Transport = _transport.Counters,
        Malformed = Volatile.Read(ref _malformed),
        Foreign = Volatile.Read(ref _foreign),
        Faults = Faults.Count,
        BogonsRefused = _outbox.RefusedByPolicy,
        Contacts = _contacts,
    };

    public void Start()
    {
        // What was added to the engine outlives this loop, so a start that fails takes back what it added there.
        Node.Extensions.Tasks.Changed += Wake;
        _reporter = Node.Extensions.Observers.Add(new EngineReporter(Node, _log), int.MinValue);
        try
        {
            _telemetry.ReportStart(_transport, Node.Id, Read);
            _thread.Start();
        }
        catch
        {
            _stopping = true;
            CloseMailbox();
            LeaveExtensions();
            _stopped.SetResult();
            throw;
        }
    }

    /// <summary>
    /// Waits until the names among the entries are resolved, the loop has ended, or the token is cancelled.
    /// </summary>
    public async Task UntilResolvedAsync(CancellationToken cancellation)
    {
        Task first = Task.WhenAny(Hosts.ResolveAsync(), Stopped).WaitAsync(cancellation);
        await first.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void RequestStop()
    {
        _stopping = true;
        _transport.Wake();
    }

    public bool TryPost(ILoopCall call)
    {
        bool posted = _mailbox.TryPost(call);
        if (posted)
        {
            _transport.Wake();
        }

        return posted;
    }

    public void Wake() => _transport.Wake();

    public Crawler CreateCrawler(CrawlOptions options, ICrawlObserver observer, Instant now) =>
        new(options, observer, _outbox, Policy, _random, now);

    public void Attach(ILoopCrawl crawl) => _crawl = crawl;

    void IDatagramReceiver.OnDatagram(ReadOnlySpan<byte> datagram, in Endpoint source, in Endpoint local)
    {
        try
        {
            Dispatch(datagram, source, local);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            Faults.Report(fault);
        }
    }

    /// <summary>What meters show; from any thread.</summary>
    private EngineReading Read() =>
        new(Counters, Node.OpenQueries, _crawl is { IsOver: false } crawl ? crawl.Counters : null);

    private void Run()
    {
        Exception? failure = null;
        try
        {
            while (!_stopping)
            {
                Turn();
            }
        }
        catch (Exception fault)
        {
            // Only a fault of the engine or of a user's transport or clock comes here: who awaits the end learns of it.
            failure = fault;
        }

        failure = Shutdown(failure);
        _telemetry.LogEnd(LocalEndpoint, failure);
        if (failure == null)
        {
            _stopped.SetResult();
        }
        else
        {
            _stopped.SetException(failure);
        }
    }

    private void Turn()
    {
        _now = ReadClock();
        Faults.SetTime(_now);
        int received = _transport.Receive(this);
        RunCalls();
        if (received > 0 || _now >= Node.NextDeadline)
        {
            Guard(Node, static (node, now) => node.Tick(now));
        }

        if (_crawl != null)
        {
            Guard(_crawl, static (crawl, now) => crawl.Tick(now));
            _crawl = _crawl.IsOver ? null : _crawl;
        }

        if (_outbox.Count > 0)
        {
            _transport.Send(_outbox);
            Guard(_outbox, static (outbox, now) => outbox.ReportRefused(now));
        }

        _contacts = Node.ContactCount;
        _telemetry.LogMalformed(_malformed, _now);
        _telemetry.LogLosses(_transport, _now);
        if (!_mailbox.IsEmpty || _outbox.Count > 0)
        {
            // More calls than a turn takes: their wake is spent, so there is no waiting. Nor is there when somebody
            // whose datagram was refused has staged another.
            return;
        }

        Instant deadline = _crawl == null ? Node.NextDeadline : Instant.Min(Node.NextDeadline, _crawl.NextDeadline);
        TimeSpan wait = deadline == Instant.Never ? WaitMax : deadline - _now;
        _transport.Wait(wait > WaitMax ? WaitMax : wait);
    }

    /// <summary>
    /// The current instant. A clock that goes back against its contract would leave every deadline and every limit in
    /// the future, so time goes on from where it was.
    /// </summary>
    private Instant ReadClock()
    {
        Instant read = _clock.Now + _clockBehind;
        if (read < _now)
        {
            _clockBehind += _now - read;
            read = _now;
        }

        return read;
    }

    /// <summary>
    /// Runs a step in which user code may throw. An invariant that is broken is not the user's: it ends the loop.
    /// </summary>
    private void Guard<T>(T subject, Action<T, Instant> step)
    {
        try
        {
            step(subject, _now);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            Faults.Report(fault);
        }
    }

    private void Dispatch(ReadOnlySpan<byte> datagram, in Endpoint source, in Endpoint local)
    {
        KrpcFault fault = KrpcMessage.Parse(datagram, out KrpcMessage message);
        switch (fault)
        {
            case KrpcFault.None:
                // A reply to the crawl has a transaction of the crawl; everything else is the node's.
                if (_crawl == null || !_crawl.TrySettle(message, source, _now))
                {
                    Node.Process(message, source, _now, local);
                }

                break;
            case KrpcFault.NotKrpc:
                _foreign++;
                _foreignReceiver?.OnDatagram(datagram, source, local);
                break;
            default:
                _malformed++;
                break;
        }
    }

    private void RunCalls()
    {
        for (int i = 0; i < CallsPerTurn && _mailbox.TryTake(out ILoopCall? call); i++)
        {
            Guard((Node, call), static (both, now) => both.call.Run(both.Node, now));
        }
    }

    /// <summary>
    /// Ends everything that is awaited, and frees the port, whatever throws. Returns what ended the loop, if
    /// anything.
    /// </summary>
    private Exception? Shutdown(Exception? failure)
    {
        _stopping = true;
        CloseMailbox();

        // First what is to be saved: queries that are cut short say nothing about their contacts.
        failure = GuardEnd(failure, static loop => loop.FinalState = loop.Node.CaptureState(loop._now));
        failure = GuardEnd(failure, static loop => loop.Node.CloseQueries());
        LeaveExtensions();
        _crawl?.End(failure);
        _crawl = null;
        failure = GuardEnd(failure, static loop => loop._telemetry.CloseMeter());
        try
        {
            _transport.Dispose();
        }
        catch (Exception fault)
        {
            return failure ?? fault;
        }

        return failure;
    }

    /// <summary>As <see cref="Guard"/>, for the end: nothing keeps the next step from its turn.</summary>
    private Exception? GuardEnd(Exception? failure, Action<EngineLoop> step)
    {
        try
        {
            step(this);
        }
        catch (InvariantException broken)
        {
            return failure ?? broken;
        }
        catch (Exception fault)
        {
            Faults.Report(fault);
        }

        return failure;
    }

    private void CloseMailbox()
    {
        _mailbox.Close();
        while (_mailbox.TryTake(out ILoopCall? call))
        {
            call.Abandon();
        }
    }

    private void LeaveExtensions()
    {
        Node.Extensions.Tasks.Changed -= Wake;
        _reporter?.Dispose();
    }

    /// <summary>The wildcard address of IPv6 takes both families; any other address its own.</summary>
    private static IpFamily FamiliesOf(in Endpoint local) =>
        !local.IsIPv6 ? IpFamily.IPv4
        : local.IsUnspecified ? IpFamily.Both
        : IpFamily.IPv6;
}
