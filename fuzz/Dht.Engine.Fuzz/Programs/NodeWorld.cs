using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Rpc;
using Dht.Engine.Storage;
using Dht.Engine.Timing;

namespace Dht.Engine.Fuzz.Programs;

/// <summary>A node, the strangers around it, and what must hold between them whatever happens.</summary>
internal sealed class NodeWorld
{
    // What one datagram or one tick may lead to: lookups go on, and contacts are verified.
    private const int SentAtOnceMax = 160;

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly SentQueries _sent = new();
    private readonly DatagramEdits _edits = new();
    private readonly Replies _replies = new();
    private readonly Questions _questions = new();
    private readonly NodeHandlers _handlers = new();
    private readonly List<LookupHandle> _places = [];
    private NodeSetting _setting;
    private readonly Outboxes _outboxes = new();
    private Outbox _outbox = null!;
    private Instant _now;
    private long _idChanges;
    private long _faults;
    private long _changes;

    /// <summary>The node.</summary>
    public MainlineNode Node { get; private set; } = null!;

    /// <summary>Waits for what the program begins.</summary>
    public EndCounter Ends { get; } = new();

    /// <summary>The present.</summary>
    public Instant Now => _now;

    /// <summary>Creates everything afresh.</summary>
    public void Begin(NodeSetting setting)
    {
        _setting = setting;
        _now = Instant.Zero + Hour;
        _outbox = _outboxes.Take(setting.OutboxSize, setting.Families);
        Node = new MainlineNode(
            setting.Options, _outbox, new SeededRandomSource(1), _now, setting.HasHandlers ? _handlers.Make() : null);
        Node.AddRouter(Strangers.EndpointOf(0));
        Node.AddRouter(Strangers.EndpointOf(0x80));
        _sent.Reset();
        _edits.Reset();
        _questions.Reset();
        Ends.Reset();
        _idChanges = 0;
        _faults = 0;
        _changes = 0;
        MakeLookupPlaces();
    }

    /// <summary>Keeps a change for the next datagram.</summary>
    public void Spoil(Command edit) => _edits.Add(edit);

    /// <summary>Lets time pass.</summary>
    public void Pass(TimeSpan span) => _now += span;

    /// <summary>Lets time pass until the node has something to do.</summary>
    public void PassToDeadline()
    {
        Instant due = Node.NextDeadline;
        _now = due > _now ? Instant.Min(due, _now + Hour) : _now;
    }

    /// <summary>Ticks the node.</summary>
    public void Tick()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Node.Tick(_now);
        Watch(before);

        // Tasks that have come or gone are only now taken note of.
        _changes = _handlers.Changes;
        FuzzFailureException.Require(Node.NextDeadline > _now || !_outbox.HasRoom, "after a tick nothing is due");
        Check(bytesIn: 0, isQuery: false);
    }

    /// <summary>Answers the latest queries, or one of them.</summary>
    public void Reply(int back, int count, byte shape, byte first)
    {
        // Answers bring new queries, which are not answered at once.
        int known = _sent.Count;
        Span<SentQuery> answered = stackalloc SentQuery[Math.Min(count, known)];
        for (int i = 0; i < answered.Length; i++)
        {
            answered[i] = _sent[back + i];
        }

        foreach (SentQuery query in answered)
        {
            byte number = Strangers.NumberOf(query.Destination);
            ReadOnlySpan<byte> datagram = _replies.Write(
                query, number, shape, first, Node.IdOf(query.Destination.Family), out Endpoint source);
            Deliver(datagram, source);
            first += 5;
        }
    }

    /// <summary>Lets a stranger ask.</summary>
    public void Ask(byte asker, byte kind, byte target)
    {
        Endpoint source = Strangers.EndpointOf(asker);
        Deliver(_questions.Write(asker, kind, target, Node.IdOf(source.Family)), source);
    }

    /// <summary>Hands a datagram in, with the changes that wait for it.</summary>
    public void Deliver(ReadOnlySpan<byte> datagram, in Endpoint source)
    {
        datagram = _edits.Apply(datagram);
        bool isQuery = KrpcMessage.Parse(datagram, out KrpcMessage message) == KrpcFault.None
            && message.Kind == KrpcKind.Query;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Node.Receive(datagram, source, _now);
        Watch(before);
        Check(datagram.Length, isQuery);
    }

    /// <summary>Notes what calls of the program have sent.</summary>
    public void TakeSent()
    {
        _idChanges = Node.Counters.IdChanges;
        _sent.Take(_outbox);
    }

    /// <summary>Adds or takes out a handler, a method or a task of ours, where there are any.</summary>
    public void ChangeHandlers(int number)
    {
        if (_setting.HasHandlers)
        {
            _handlers.Change(number);
        }
    }

    /// <summary>The node is no longer asked.</summary>
    public void Close()
    {
        Node.CloseQueries();
        _sent.Take(_outbox);
    }

    /// <summary>Walks all of the node's state.</summary>
    public void CheckInvariants()
    {
        Node.CheckInvariants();
        _outbox.CheckInvariants();
        ((PeerStore)Node.Peers).CheckInvariants();
        foreach (IpFamily family in (ReadOnlySpan<IpFamily>)[IpFamily.IPv4, IpFamily.IPv6])
        {
            ((BucketTable)Node.Table(family)).CheckInvariants();
        }
    }

    /// <summary>What must hold when a program is over.</summary>
    public void Finish()
    {
        CheckPing();
        Close();
        FuzzFailureException.Require(Ends.Open == 0, "every query and every lookup of ours has ended");
        FuzzFailureException.Require(Node.OpenQueries == 0 && Node.LookupCount == 0, "nothing is open after the end");
    }

    /// <summary>
    /// A table that moves to another id sorts its contacts again, which may allocate: it happens once in five minutes
    /// at most. So may a handler that throws, or that is added or taken out.
    /// </summary>
    private void Watch(long allocatedBefore)
    {
        bool mayAllocate = Node.Counters.IdChanges > _idChanges
            || Node.Counters.Faults > _faults
            || _handlers.Changes > _changes;
        _faults = Node.Counters.Faults;
        _idChanges = Node.Counters.IdChanges;
        AllocationWatch.Add(mayAllocate ? 0 : GC.GetAllocatedBytesForCurrentThread() - allocatedBefore);
    }

    private void Check(int bytesIn, bool isQuery)
    {
        FuzzFailureException.Require(_outbox.Count <= SentAtOnceMax, "one datagram and one tick send little");
        long replies = _sent.Replies;
        TakeTokens();
        int bytes = _sent.Take(_outbox);
        replies = _sent.Replies - replies;
        FuzzFailureException.Require(
            replies <= (isQuery ? 1 : 0), "a query is answered at most once, and nothing else is");

        // The reply, and a ping that verifies the asker; a handler may ask as well.
        FuzzFailureException.Require(
            !isQuery || bytes <= 1024 + (2 * 128), "a query of few bytes does not lead to many");
        FuzzFailureException.Require(bytesIn > 0 || replies == 0, "a tick answers no query");
        NodeCounters counters = Node.Counters;
        FuzzFailureException.Require(
            counters.QueriesSent == counters.Responses + counters.Errors + counters.Timeouts + Node.OpenQueries,
            "every query is settled once");
        FuzzFailureException.Require(
            counters.Faults == _handlers.Faults || !_setting.HasHandlers, "faults are those of the handlers");
        FuzzFailureException.Require(counters.Faults == 0 || _setting.HasHandlers, "a node by itself has no fault");
        if (_setting.HasHandlers)
        {
            _handlers.Check(Node);
        }
    }

    /// <summary>
    /// The places of lookups are made on first use; here all of them are used once, before anything is measured.
    /// </summary>
    private void MakeLookupPlaces()
    {
        _places.Clear();
        while (Node.TryStartLookup(new LookupRequest { Target = Node.Id }, _now, out LookupHandle handle))
        {
            _places.Add(handle);
        }

        foreach (LookupHandle handle in _places)
        {
            Node.CancelLookup(handle, _now);
        }
    }

    private void TakeTokens()
    {
        for (int i = 0; i < _outbox.Count; i++)
        {
            if (KrpcMessage.Parse(_outbox.Datagram(i), out KrpcMessage message) == KrpcFault.None)
            {
                _questions.TakeToken(message.Token);
            }
        }
    }

    private void CheckPing()
    {
        // From a place of its own, which no limit knows yet.
        Endpoint source = _setting.Families == IpFamily.IPv6
            ? Endpoint.FromIPv6(0x2A05_0000_0000_0000, 5, 6881)
            : Endpoint.FromIPv4(0x0B0C0D0E, 6881);
        long answered = Node.Counters.QueriesAnswered;
        Node.Receive("d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:pi1:y1:qe"u8, source, _now);
        bool mayAnswer = !_setting.IsReadOnly && !_setting.HasHandlers;
        FuzzFailureException.Require(
            !mayAnswer || Node.Counters.QueriesAnswered == answered + 1, "a node answers a ping whatever came before");
        _sent.Take(_outbox);
    }
}
