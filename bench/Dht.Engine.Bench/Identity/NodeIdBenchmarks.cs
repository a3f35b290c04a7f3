using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;

namespace Dht.Engine.Bench;

/// <summary>
/// One operation on ids, over 1,024 triples of random ids so that no branch is learnt by heart.
/// <see cref="SharedBits"/> says how many leading bits all of them share: 0 is two strangers, 20 the end of a lookup,
/// 80 ids that were made to be near.
/// </summary>
[MemoryDiagnoser]
[CategoriesColumn]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
public class NodeIdBenchmarks
{
    private const int Count = Inputs.Count;

    private readonly byte[] _wire = new byte[3 * Count * NodeId.Size];
    private readonly NodeId[] _ids = new NodeId[3 * Count];

    [Params(0, 20, 80)]
    public int SharedBits { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(1);
        NodeId root = NodeId.Random(random);
        for (int i = 0; i < _ids.Length; i++)
        {
            _ids[i] = root.RandomWithCommonPrefix(SharedBits, random);
            _ids[i].CopyTo(_wire.AsSpan(i * NodeId.Size, NodeId.Size));
        }
    }

    [Benchmark(OperationsPerInvoke = Count)]
    [BenchmarkCategory("compare")]
    public int Compare_NodeId()
    {
        int sum = 0;
        ReadOnlySpan<NodeId> ids = _ids;
        for (int i = 0; i + 2 < ids.Length; i += 3)
        {
            sum += NodeId.CompareDistance(ids[i], ids[i + 1], ids[i + 2]);
        }

        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count)]
    [BenchmarkCategory("compare")]
    public int Compare_ScalarBytes()
    {
        int sum = 0;
        for (int i = 0; i < Count; i++)
        {
            ReadOnlySpan<byte> three = _wire.AsSpan(3 * i * NodeId.Size, 3 * NodeId.Size);
            sum += ScalarIds.CompareBytes(three, three[20..], three[40..]);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    [BenchmarkCategory("compare")]
    public int Compare_ScalarWords()
    {
        int sum = 0;
        for (int i = 0; i < Count; i++)
        {
            Span<byte> three = _wire.AsSpan(3 * i * NodeId.Size, 3 * NodeId.Size);
            sum += ScalarIds.CompareWords(ref three[0], ref three[20], ref three[40]);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    [BenchmarkCategory("compare")]
    public int Compare_Vector128()
    {
        int sum = 0;
        for (int i = 0; i < Count; i++)
        {
            Span<byte> three = _wire.AsSpan(3 * i * NodeId.Size, 3 * NodeId.Size);
            sum += VectorIds.Compare(ref three[0], ref three[20], ref three[40]);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    [BenchmarkCategory("prefix")]
    public int Prefix_NodeId()
    {
        int sum = 0;
        ReadOnlySpan<NodeId> ids = _ids;
        for (int i = 0; i + 2 < ids.Length; i += 3)
        {
            sum += ids[i].CommonPrefixLength(ids[i + 1]);
        }

        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count)]
    [BenchmarkCategory("prefix")]
    public int Prefix_ScalarBytes()
    {
        int sum = 0;
        for (int i = 0; i < Count; i++)
        {
            ReadOnlySpan<byte> three = _wire.AsSpan(3 * i * NodeId.Size, 3 * NodeId.Size);
            sum += ScalarIds.PrefixBytes(three, three[20..]);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    [BenchmarkCategory("prefix")]
    public int Prefix_Vector128()
    {
        int sum = 0;
        for (int i = 0; i < Count; i++)
        {
            Span<byte> three = _wire.AsSpan(3 * i * NodeId.Size, 3 * NodeId.Size);
            sum += VectorIds.CommonPrefix(ref three[0], ref three[20]);
        }

        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = 3 * Count)]
    [BenchmarkCategory("load")]
    public void LoadAndStore()
    {
        Span<byte> wire = _wire;
        for (int at = 0; at < wire.Length; at += NodeId.Size)
        {
            new NodeId(wire.Slice(at, NodeId.Size)).CopyTo(wire.Slice(at, NodeId.Size));
        }
    }
}
