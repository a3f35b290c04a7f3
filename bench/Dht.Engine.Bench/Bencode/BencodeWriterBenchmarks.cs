using BenchmarkDotNet.Attributes;
using Dht.Engine.Bencode;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;

namespace Dht.Engine.Bench;

/// <summary>
/// Writing a find_node query (92 B) and its response with 8 nodes (268 B) token by token, for 1,024 ids in turn. The
/// baseline copies the query as it is.
/// </summary>
[MemoryDiagnoser]
public class BencodeWriterBenchmarks
{
    private readonly byte[] _destination = new byte[1_024];
    private readonly byte[] _nodes = new byte[208];
    private readonly byte[] _id = new byte[NodeId.Size];
    private byte[] _query = [];
    private NodeId[] _ids = [];

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(1);
        _ids = Inputs.Ids(random);
        _query = Messages.FindNode(random);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Inputs.Count)]
    public int CopyQuery()
    {
        int sum = 0;
        foreach (ref readonly NodeId id in _ids.AsSpan())
        {
            _query.CopyTo(_destination, 0);
            id.CopyTo(_destination.AsSpan(12));
            sum += _destination[20];
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int WriteQuery()
    {
        int sum = 0;
        foreach (ref readonly NodeId id in _ids.AsSpan())
        {
            id.CopyTo(_id);
            var writer = new BencodeWriter(_destination);
            writer.BeginDictionary();
            writer.WriteString("a"u8);
            writer.BeginDictionary();
            writer.WriteString("id"u8);
            writer.WriteString(_id);
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
            sum += writer.HasOverflowed ? -1 : writer.Length;
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int WriteResponse()
    {
        int sum = 0;
        foreach (ref readonly NodeId id in _ids.AsSpan())
        {
            id.CopyTo(_id);
            var writer = new BencodeWriter(_destination);
            writer.BeginDictionary();
            writer.WriteString("r"u8);
            writer.BeginDictionary();
            writer.WriteString("id"u8);
            writer.WriteString(_id);
            writer.WriteString("nodes"u8);
            writer.WriteString(_nodes);
            writer.End();
            writer.WriteString("t"u8);
            writer.WriteString("aabb"u8);
            writer.WriteString("y"u8);
            writer.WriteString("r"u8);
            writer.End();
            sum += writer.HasOverflowed ? -1 : writer.Length;
        }

        return sum;
    }
}
