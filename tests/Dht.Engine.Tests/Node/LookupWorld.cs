using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Node;

/// <summary>
/// One node, and around it responders that know everybody: each names the eight nearest to what it is asked for, the dead ones
/// included. Time is virtual, chance comes from a seed. Allocates only when made.
/// </summary>
internal sealed partial class LookupWorld
{
    private const int TicksAtOnceMax = 200;

    private readonly LookupWorldOptions _options;
    private readonly SeededRandomSource _random;
    private readonly Dictionary<Endpoint, int> _byEndpoint = [];
    private readonly int[][] _tables;

    public LookupWorld(LookupWorldOptions options)
    {
        _options = options;
        _random = new SeededRandomSource(options.Seed);
        Ids = new NodeId[options.IPv4Count + options.IPv6Count];
        Endpoints = new Endpoint[Ids.Length];
        IsDead = new bool[Ids.Length];
        Refuses = new bool[Ids.Length];
        HasLongToken = new bool[Ids.Length];
        MakeResponders();
        _tables = options.HasTables ? MakeTables() : [];
        AnsweringIds = (NodeId[])Ids.Clone();
        IpFamily reach = (options.IPv4Count > 0 ? IpFamily.IPv4 : 0) | (options.IPv6Count > 0 ? IpFamily.IPv6 : 0);
        Outbox = new Outbox(options.OutboxSize, Math.Max(options.OutboxSize, 2) * Outbox.DatagramSizeMax, options.Policy, reach);
        var extensions = new NodeExtensions { OnFault = fault => LastFault = fault };
        foreach (NodeTask task in options.KeepsUpkeep ? [] : extensions.Tasks.All.ToArray())
        {
            task.Remove();
        }

        Node = new MainlineNode(options.Node, Outbox, new SeededRandomSource(options.Seed + 1), Now, extensions);
        Introduce(options.Known, 0, options.IPv4Count);
        Introduce(options.Known, options.IPv4Count, options.IPv6Count);
    }

    public MainlineNode Node { get; }

    public Outbox Outbox { get; }

    public Instant Now { get; private set; } = Instant.Zero + TimeSpan.FromHours(1);

    public NodeId[] Ids { get; }

    /// <summary>The ids that they answer with, which a test may change.</summary>
    public NodeId[] AnsweringIds { get; }

    public Endpoint[] Endpoints { get; }

    public bool[] IsDead { get; }

    /// <summary>Who answers every announcement with error 203.</summary>
    public bool[] Refuses { get; }

    /// <summary>Who gives tokens of 65 bytes.</summary>
    public bool[] HasLongToken { get; }

    public Exception? LastFault { get; private set; }

    /// <summary>When false, what is staged stays in the outbox.</summary>
    public bool IsFlushing { get; set; } = true;

    /// <summary>Ticks of the node so far.</summary>
    public long Ticks { get; private set; }

    public SeededRandomSource Random => _random;

    public IpFamily KindOf(int responder) => Endpoints[responder].Family;

    /// <summary>Does all that is due at the next instant at which anything is; false when that is later than the end.</summary>
    public bool Step(Instant end)
    {
        Flush();
        Instant next = Instant.Min(Node.NextDeadline, NextArrival);
        if (next > end)
        {
            Now = end;
            return false;
        }

        Now = next > Now ? next : Now;
        Deliver();
        for (int ticks = 0; Node.NextDeadline <= Now; ticks++)
        {
            if (ticks == TicksAtOnceMax)
            {
                Assert.Fail($"seed {_options.Seed}: the deadline stays at {Node.NextDeadline} though it is {Now}.");
            }

            Node.Tick(Now);
            Ticks++;
            Flush();
        }

        return true;
    }

    public void Run(TimeSpan span)
    {
        Instant end = Now + span;
        while (Step(end))
        {
        }
    }

    /// <summary>Runs until no lookup is under way; false when some still are after the span.</summary>
    public bool RunLookups(TimeSpan span)
    {
        Instant end = Now + span;
        while (Node.LookupCount > 0 && Step(end))
        {
        }

        return Node.LookupCount == 0;
    }

    /// <summary>Starts a lookup and runs it to its end.</summary>
    public LookupReport Look(LookupRecorder recorder, LookupKind kind, in NodeId target, ushort port = 0)
    {
        int before = recorder.Ends;
        Assert.True(Node.TryStartLookup(
            new LookupRequest { Kind = kind, Target = target, Port = port, Listener = recorder, Cookie = 7 }, Now, out _));
        if (!RunLookups(TimeSpan.FromSeconds(60)) || recorder.Ends != before + 1)
        {
            Assert.Fail($"seed {_options.Seed}: a lookup ended {recorder.Ends - before} times.");
        }

        return recorder.Report;
    }

    /// <summary>The responders of a family that are nearest to a target, nearest first.</summary>
    public int Nearest(in NodeId target, IpFamily family, bool liveOnly, Span<int> found, int knownTo = -1)
    {
        int count = 0;
        bool hasTable = knownTo >= 0 && _options.HasTables;
        int candidates = hasTable ? _tables[knownTo].Length : Ids.Length;
        for (int candidate = 0; candidate < candidates; candidate++)
        {
            int i = hasTable ? _tables[knownTo][candidate] : candidate;
            if (Endpoints[i].Family != family || (liveOnly && IsDead[i]) || i == knownTo)
            {
                continue;
            }

            int place = count;
            while (place > 0 && NodeId.CompareDistance(target, Ids[i], Ids[found[place - 1]]) < 0)
            {
                place--;
            }

            if (place < found.Length)
            {
                count = Math.Min(count + 1, found.Length);
                found[place..(count - 1)].CopyTo(found[(place + 1)..]);
                found[place] = i;
            }
        }

        return count;
    }

    private void MakeResponders()
    {
        for (int i = 0; i < Ids.Length; i++)
        {
            uint host = (uint)(i / _options.PerAddress);
            var port = (ushort)(1000 + (i % _options.PerAddress));
            Endpoints[i] = i < _options.IPv4Count
                ? Endpoint.FromIPv4(0x0B000001 + (host << 8), port)
                : Endpoint.FromIPv6(0x2A00_0000_0000_0000 + ((ulong)host << 32), 1, port);
            Ids[i] = _options.HasSecureIds ? SecureNodeId.Derive(Endpoints[i], _random) : NodeId.Random(_random);
            IsDead[i] = Chance(_options.DeadShare);
            _byEndpoint.Add(Endpoints[i], i);
        }
    }

    private int[][] MakeTables()
    {
        int[][] tables = new int[Ids.Length][];
        int[] order = [.. Enumerable.Range(0, Ids.Length)];
        for (int i = 0; i < tables.Length; i++)
        {
            int[] room = new int[2 * NodeId.Bits];
            Array.Fill(room, K);
            for (int k = order.Length - 1; k > 0; k--)
            {
                int other = _random.Next(k + 1);
                (order[k], order[other]) = (order[other], order[k]);
            }

            tables[i] = [.. order.Where(other => other != i
                && room[(KindOf(other) == IpFamily.IPv6 ? NodeId.Bits : 0) + Ids[i].CommonPrefixLength(Ids[other])]-- > 0)];
        }

        return tables;
    }

    private void Introduce(int known, int start, int count)
    {
        for (int i = 0; i < known && count > 0; i++)
        {
            int responder = start + _random.Next(count);
            Node.Table(KindOf(responder)).Insert(Ids[responder], Endpoints[responder], Now);
        }
    }

    private bool Chance(double share) => share > 0 && _random.Next(1_000_000) < share * 1_000_000;
}
