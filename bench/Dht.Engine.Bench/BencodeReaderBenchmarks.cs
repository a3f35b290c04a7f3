using BenchmarkDotNet.Attributes;
using Dht.Engine.Bencode;

namespace Dht.Engine.Bench;

/// <summary>Reading all tokens of a find_node query (92 B, 15 tokens) and of its response with 8 nodes (268 B, 13 tokens).</summary>
[MemoryDiagnoser]
public class BencodeReaderBenchmarks
{
    private static readonly byte[] FindNodeQuery =
        [.. "d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e1:q9:find_node1:t2:aa1:y1:qe"u8];

    private static readonly byte[] FindNodeResponse =
        [.. "d1:rd2:id20:abcdefghij01234567895:nodes208:"u8, .. new byte[208], .. "e1:t4:aabb1:y1:re"u8];

    [Benchmark(Baseline = true)]
    [Arguments(BencodeMode.Lenient)]
    [Arguments(BencodeMode.Strict)]
    public int ReadQuery(BencodeMode mode) => CountTokens(FindNodeQuery, mode);

    [Benchmark]
    [Arguments(BencodeMode.Lenient)]
    [Arguments(BencodeMode.Strict)]
    public int ReadResponse(BencodeMode mode) => CountTokens(FindNodeResponse, mode);

    [Benchmark]
    [Arguments(BencodeMode.Lenient)]
    [Arguments(BencodeMode.Strict)]
    public int SkipQuery(BencodeMode mode)
    {
        BencodeReader reader = new(FindNodeQuery, mode);
        return reader.Skip() ? reader.Position : -1;
    }

    private static int CountTokens(byte[] data, BencodeMode mode)
    {
        BencodeReader reader = new(data, mode);
        int tokens = 0;
        while (reader.Read())
        {
            tokens++;
        }

        return reader.IsComplete ? tokens : -1;
    }
}
