using BenchmarkDotNet.Attributes;
using Dht.Engine.Bencode;
using Dht.Engine.Randomness;

namespace Dht.Engine.Bench;

/// <summary>
/// Reading all tokens of find_node queries and of their responses with 8 nodes, and stepping over the queries. 1,024
/// of each in turn. The baseline makes a tree of values.
/// </summary>
[MemoryDiagnoser]
public class BencodeReaderBenchmarks
{
    private byte[][] _queries = [];
    private byte[][] _responses = [];

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(1);
        _queries = Inputs.Repeat(() => Messages.FindNode(random));
        _responses = Inputs.Repeat(() => Messages.Nodes(random));
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Inputs.Count)]
    [Arguments(BencodeMode.Lenient)]
    [Arguments(BencodeMode.Strict)]
    public int TreeOfQuery(BencodeMode mode)
    {
        int sum = 0;
        foreach (byte[] query in _queries)
        {
            sum += BencodeValue.TryParse(query, mode, out _) ? 1 : 0;
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    [Arguments(BencodeMode.Lenient)]
    [Arguments(BencodeMode.Strict)]
    public int ReadQuery(BencodeMode mode) => CountTokens(_queries, mode);

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    [Arguments(BencodeMode.Lenient)]
    [Arguments(BencodeMode.Strict)]
    public int ReadResponse(BencodeMode mode) => CountTokens(_responses, mode);

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    [Arguments(BencodeMode.Lenient)]
    [Arguments(BencodeMode.Strict)]
    public int SkipQuery(BencodeMode mode)
    {
        int sum = 0;
        foreach (byte[] query in _queries)
        {
            var reader = new BencodeReader(query, mode);
            sum += reader.Skip() ? reader.Position : -1;
        }

        return sum;
    }

    private static int CountTokens(byte[][] datagrams, BencodeMode mode)
    {
        int tokens = 0;
        foreach (byte[] datagram in datagrams)
        {
            var reader = new BencodeReader(datagram, mode);
            while (reader.Read())
            {
                tokens++;
            }
        }

        return tokens;
    }
}
