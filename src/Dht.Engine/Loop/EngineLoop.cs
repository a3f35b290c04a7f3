using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;
using Dht.Engine.Transport;

namespace Dht.Engine;

/// <summary>
/// The one loop, on one thread: read the clock, take in what has arrived, run calls from other threads, do what is due, send, wait.
/// Everything below the roof lives on this thread.
/// </summary>
internal sealed partial class EngineLoop : IDatagramReceiver
{
    private const int CallsPerTurn = 64;
    private const int OutboxDatagrams = 512;
    private const int OutboxBytes = 512 * 1024;

    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(1);

    private readonly DhtEngineOptions _options;
    private readonly IDatagramTransport _transport;
    private readonly Mailbox _mailbox;
    private readonly IClock _clock;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Registration? _reporter;
    private CrawlRun? _crawl;
    private Instant _now;
    private TimeSpan _clockBehind;
    private volatile int _contacts;
    private long _malformed;
    private long _foreign;
    private long _faults;
    private volatile bool _stopping;

    public EngineLoop(DhtEngineOptions options, IDatagramTransport transport, EngineMeter meter, NodeExtensions extensions)
    {
        _meter = meter;
        _log = EngineLog.Create(options.LoggerFactory);
        _options = options;
        _transport = transport;
        _clock = options.Clock ?? SystemClock.Instance;
        _mailbox = new Mailbox(options.MailboxCapacity);
        Random = options.Random ?? new SystemRandomSource();
        Families = FamiliesOf(transport.LocalEndpoint);
        Outbox = new Outbox(OutboxDatagrams, OutboxBytes, options.AddressPolicy, Families);
        _now = _clock.Now;
        Node = new MainlineNode(options.Node, Outbox, Random, _now, extensions);
        extensions.OnFault = Report;
        Hosts = new HostEntries(options);
        foreach (Endpoint router in options.Routers)
        {
            Node.AddRouter(router);
        }

        foreach (Endpoint node in options.Bootstrap)
        {
            Node.AddBootstrap(node);
        }

        _thread = new Thread(Run) { IsBackground = true, Name = "dht-engine" };
    }

    public MainlineNode Node { get; }

    public Outbox Outbox { get; }

    public HostEntries Hosts { get; }

    /// <summary>What is to be saved, once the loop has ended; null before.</summary>
    public NodeState? FinalState { get; private set; }

    public IRandomSource Random { get; }

    /// <summary>The families that the socket reaches.</summary>
    public IpFamily Families { get; }

    public bool IsCrawling => _crawl != null;

    public bool IsStopping => _stopping;

    public bool IsReadOnly => _options.Node.ReadOnly;

    public IAddressPolicy AddressPolicy => _options.AddressPolicy;

    public Task Stopped => _stopped.Task;

    public Endpoint LocalEndpoint => _transport.LocalEndpoint;

    public bool IsOnThread => Thread.CurrentThread == _thread;

    public DhtEngineCounters Counters => new()
    {
        Node = Node.Counters,
        Transport = _transport.Counters,
        Malformed = Volatile.Read(ref _malformed),
        Foreign = Volatile.Read(ref _foreign),
        Faults = Volatile.Read(ref _faults),
        BogonsRefused = Outbox.RefusedByPolicy,
        Contacts = _contacts,
    };

    public void Start()
    {
        // What was added to the engine outlives this loop, so a start that fails takes back what it added there.
        Node.Extensions.Tasks.Changed += Wake;
        _reporter = Node.Extensions.Observers.Add(new EngineReporter(Node, _log), int.MinValue);
        try
        {
            TellStart();
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

    public void RequestStop()
    {
        _stopping = true;
        _transport.Wake();
    }

    /// <summary>Posts a call; false when the box is full or the loop has stopped.</summary>
    public bool TryPost(IEngineCall call)
    {
        bool posted = _mailbox.TryPost(call);
        if (posted)
        {
            _transport.Wake();
        }

        return posted;
    }

    /// <summary>Makes the loop turn at once; from any thread.</summary>
    public void Wake() => _transport.Wake();

    /// <summary>Makes a crawl a part of the loop. On the loop's thread.</summary>
    public void Attach(CrawlRun crawl) => _crawl = crawl;

    void IDatagramReceiver.OnDatagram(ReadOnlySpan<byte> datagram, in Endpoint source)
    {
        try
        {
            Take(datagram, source);
        }
        catch (Exception fault)
        {
            Report(fault);
        }
    }

    /// <summary>Counts an exception of user code and hands it on; what the handler throws in its turn only counts.</summary>
    public void Report(Exception fault)
    {
        _faults++;
        TellFault(fault);
        try
        {
            _options.OnFault?.Invoke(fault);
        }
        catch (Exception)
        {
            _faults++;
        }
    }

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
            // Only a fault of the engine or of a user's transport or clock comes here: whoever awaits the end learns of it.
            failure = fault;
        }

        failure = Shutdown(failure);
        TellEnd(failure);
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
        int received = _transport.Receive(this);
        RunCalls();
        if (received > 0 || _now >= Node.NextDeadline)
        {
            Guard(static (loop, now) => loop.Node.Tick(now));
        }

        if (_crawl != null)
        {
            Guard(static (loop, now) => loop._crawl!.Tick(now));
            _crawl = _crawl.IsOver ? null : _crawl;
        }

        if (Outbox.Count > 0)
        {
            _transport.Send(Outbox);
        }

        _contacts = Node.ContactCount;
        TellMalformed();
        TellKernelDrops();
        if (!_mailbox.IsEmpty)
        {
            // More calls than a turn takes: their wake is spent, so there is no waiting.
            return;
        }

        Instant deadline = _crawl == null ? Node.NextDeadline : Instant.Min(Node.NextDeadline, _crawl.NextDeadline);
        TimeSpan wait = deadline == Instant.Never ? WaitMax : deadline - _now;
        _transport.Wait(wait > WaitMax ? WaitMax : wait);
    }

    /// <summary>
    /// The present instant. A clock that goes back against its contract would leave every deadline and every limit behind the jump, so
    /// time goes on from where it was.
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

    private void Guard(Action<EngineLoop, Instant> step)
    {
        try
        {
            step(this, _now);
        }
        catch (Exception fault)
        {
            Report(fault);
        }
    }

    private void Take(ReadOnlySpan<byte> datagram, in Endpoint source)
    {
        KrpcFault fault = KrpcMessage.Parse(datagram, out KrpcMessage message);
        switch (fault)
        {
            case KrpcFault.None:
                // A reply to the crawl has a transaction of the crawl; everything else is the node's.
                if (_crawl == null || !_crawl.TrySettle(message, source, _now))
                {
                    Node.Process(message, source, _now);
                }

                break;
            case KrpcFault.NotKrpc:
                _foreign++;
                _options.ForeignReceiver?.OnDatagram(datagram, source);
                break;
            default:
                _malformed++;
                break;
        }
    }

    private void RunCalls()
    {
        for (int i = 0; i < CallsPerTurn && _mailbox.TryTake(out IEngineCall? call); i++)
        {
            try
            {
                call!.Run(this, _now);
            }
            catch (Exception fault)
            {
                Report(fault);
            }
        }
    }

    /// <summary>Ends everything that somebody waits for, and frees the port, whatever parts of the user throw.</summary>
    private Exception? Shutdown(Exception? failure)
    {
        _stopping = true;
        CloseMailbox();
        // First what is to be saved: queries that are cut short say nothing about their contacts.
        Guard(static (loop, now) => loop.FinalState = loop.Node.CaptureState(now));
        Guard(static (loop, _) => loop.Node.CloseQueries());
        LeaveExtensions();
        _crawl?.End(failure);
        _crawl = null;
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

    private void CloseMailbox()
    {
        _mailbox.Close();
        while (_mailbox.TryTake(out IEngineCall? call))
        {
            call!.Abandon();
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
