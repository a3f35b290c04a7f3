using BenchmarkDotNet.Attributes;
using Dht.Engine.Bencode;

namespace Dht.Engine.Bench;

/// <summary>Writing a find_node query (92 B) and its response with 8 nodes (268 B) token by token.</summary>
[MemoryDiagnoser]
public class BencodeWriterBenchmarks
{
    private readonly byte[] _destination = new byte[1_024];
    private readonly byte[] _nodes = new byte[208];

    [Benchmark(Baseline = true)]
    public int WriteQuery()
    {
        BencodeWriter writer = new(_destination);
        writer.BeginDictionary();
        writer.WriteString("a"u8);
        writer.BeginDictionary();
        writer.WriteString("id"u8);
        writer.WriteString("abcdefghij0123456789"u8);
        writer.WriteString("target"u8);
        writer.WriteString("mnopqrstuvwxyz123456"u8);
        writer.End();
        writer.WriteString("q"u8);
        writer.WriteString("find_node"u8);
        writer.WriteString("t"u8);
        writer.WriteString("aa"u8);
        writer.WriteString("y"u8);
        writer.WriteString("q"u8);
        writer.End();
        return writer.HasOverflowed ? -1 : writer.Length;
    }

    [Benchmark]
    public int WriteResponse()
    {
        BencodeWriter writer = new(_destination);
        writer.BeginDictionary();
        writer.WriteString("r"u8);
        writer.BeginDictionary();
        writer.WriteString("id"u8);
        writer.WriteString("abcdefghij0123456789"u8);
        writer.WriteString("nodes"u8);
        writer.WriteString(_nodes);
        writer.End();
        writer.WriteString("t"u8);
        writer.WriteString("aabb"u8);
        writer.WriteString("y"u8);
        writer.WriteString("r"u8);
        writer.End();
        return writer.HasOverflowed ? -1 : writer.Length;
    }
}
