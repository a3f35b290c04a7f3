using BenchmarkDotNet.Attributes;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;

namespace Dht.Engine.Bench;

/// <summary>
/// A datagram in, the answer staged: the whole node but for the socket. 1,024 askers in turn, full tables of both
/// families. The baseline is the ping, which needs no table.
/// </summary>
[MemoryDiagnoser]
public class NodeAnswerBenchmarks
{
    private SocketlessNode _subject = null!;
    private byte[][] _ping = [];
    private byte[][] _findNode = [];
    private byte[][] _getPeers = [];
    private byte[][] _getPeersOfUnknown = [];
    private byte[][] _announce = [];
    private byte[][] _sample = [];
    private byte[][] _unknown = [];
    private byte[][] _malformed = [];
    private byte[][] _responses = [];

    [Params(RoutingTableKind.Kademlia, RoutingTableKind.Mainline)]
    public RoutingTableKind Tables { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(1);
        _subject = new SocketlessNode(Tables, random);
        InfoHash[] infoHashes = Inputs.InfoHashes(random);
        _ping = Inputs.Repeat(() => Messages.Ping(random));
        _findNode = Inputs.Repeat(() => Messages.FindNode(random));
        _getPeers = Array.ConvertAll(infoHashes, infoHash => Messages.GetPeers(random, infoHash));
        _getPeersOfUnknown = Inputs.Repeat(() => Messages.GetPeers(random, InfoHash.Random(random)));
        _sample = Inputs.Repeat(() => Messages.Sample(random));
        _unknown = Inputs.Repeat(() => Messages.Unknown(random));
        _malformed = Inputs.Repeat(() => Messages.FindNode(random)[..(10 + random.Next(80))]);
        _responses = Inputs.Repeat(() => Messages.Nodes(random));
        _announce = new byte[Inputs.Count][];
        for (int i = 0; i < Inputs.Count; i++)
        {
            _announce[i] = Messages.Announce(random, infoHashes[i], _subject.TokenFor(i, _getPeers[i]));
        }

        Announce();
        NodeCounters counters = _subject.Node.Counters;
        if (counters.PeersStored != Inputs.Count || counters.ErrorsSent > 0)
        {
            throw new InvalidOperationException(
                $"Only {counters.PeersStored} announcements were taken, {counters.ErrorsSent} errors sent.");
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Inputs.Count)]
    public int Ping() => _subject.ReceiveRound(_ping);

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int FindNode() => _subject.ReceiveRound(_findNode);

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int GetPeers() => _subject.ReceiveRound(_getPeers);

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int GetPeersOfUnknown() => _subject.ReceiveRound(_getPeersOfUnknown);

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int Announce() => _subject.ReceiveRound(_announce);

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int SampleInfoHashes() => _subject.ReceiveRound(_sample);

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int UnknownMethod() => _subject.ReceiveRound(_unknown);

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int Malformed() => _subject.ReceiveRound(_malformed);

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int ResponseToNothing() => _subject.ReceiveRound(_responses);
}
