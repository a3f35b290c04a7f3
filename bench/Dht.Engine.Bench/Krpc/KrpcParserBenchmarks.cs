using BenchmarkDotNet.Attributes;
using Dht.Engine.Bencode;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;

namespace Dht.Engine.Bench;

/// <summary>
/// A datagram to a typed view, by kind of message: 1,024 different ones of each in turn. "Mixed" is all kinds in
/// random order, as at a node that answers and asks. The baseline makes a tree of values first, as most libraries do,
/// and takes out of it what it needs.
/// </summary>
[MemoryDiagnoser]
public class KrpcParserBenchmarks
{
    private byte[][] _datagrams = [];

    [Params("ping", "find_node", "get_peers", "announce_peer", "8 nodes", "8 nodes6", "40 peers", "error", "mixed")]
    public string Message { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(1);
        string[] kinds =
            ["ping", "find_node", "get_peers", "announce_peer", "8 nodes", "8 nodes6", "40 peers", "error"];
        _datagrams = Inputs.Repeat(() => Make(Message == "mixed" ? kinds[random.Next(kinds.Length)] : Message, random));
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Inputs.Count)]
    public int TreeOfValues()
    {
        int sum = 0;
        foreach (byte[] datagram in _datagrams)
        {
            BencodeValue.TryParse(datagram, BencodeMode.Lenient, out BencodeValue? root);
            sum += TreeKrpc.Read(root!);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int Parse()
    {
        int sum = 0;
        foreach (byte[] datagram in _datagrams)
        {
            KrpcMessage.Parse(datagram, out KrpcMessage message);
            sum += (int)message.Kind + message.TransactionId.Length + message.Id.Length;
        }

        return sum;
    }

    private static byte[] Make(string kind, SeededRandomSource random) => kind switch
    {
        "ping" => Messages.Ping(random),
        "find_node" => Messages.FindNode(random),
        "get_peers" => Messages.GetPeers(random, Identity.InfoHash.Random(random)),
        "announce_peer" => Messages.Announce(random, Identity.InfoHash.Random(random), [.. "12345678"u8]),
        "8 nodes" => Messages.Nodes(random),
        "8 nodes6" => Messages.Nodes(random, Addressing.IpFamily.IPv6),
        "40 peers" => Messages.Peers(random),
        _ => Messages.Error(random),
    };
}
