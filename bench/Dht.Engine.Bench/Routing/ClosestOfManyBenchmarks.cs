using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;

namespace Dht.Engine.Bench;

/// <summary>
/// Distances where they are used: the closest 8 of 160 ids in wire form, kept in order by insertion, for 64 targets
/// in turn. The variants differ in the compare only.
/// </summary>
[MemoryDiagnoser]
public class ClosestOfManyBenchmarks
{
    private const int Count = 160;
    private const int Closest = 8;
    private const int Targets = 64;

    private readonly byte[] _wire = new byte[Count * NodeId.Size];
    private readonly byte[] _targets = new byte[Targets * NodeId.Size];
    private readonly int[] _best = new int[Closest + 1];
    private readonly ulong[] _keys = new ulong[Closest + 1];
    private readonly byte[] _current = new byte[NodeId.Size];
    private readonly Func<byte[], int>[] _variants;

    // The delegates are made once, so that none is charged to a measurement.
    public ClosestOfManyBenchmarks() => _variants = [Bytes, Words, NodeIds, Vectors, Keys];

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(2);
        random.Fill(_wire);
        random.Fill(_targets);
        int[] expected = Run(_variants[0]);
        if (!_variants.All(variant => Run(variant).AsSpan().SequenceEqual(expected)))
        {
            throw new InvalidOperationException("The variants disagree.");
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Targets)]
    public int ScalarBytes() => Sum(_variants[0]);

    [Benchmark(OperationsPerInvoke = Targets)]
    public int NodeIdCompareOnWire() => Sum(_variants[1]);

    [Benchmark(OperationsPerInvoke = Targets)]
    public int NodeIdLoadedCompare() => Sum(_variants[2]);

    [Benchmark(OperationsPerInvoke = Targets)]
    public int Vector128Compare() => Sum(_variants[3]);

    [Benchmark(OperationsPerInvoke = Targets, Description = "Prefix64 keys kept")]
    public int KeptKeys() => Sum(_variants[4]);

    private int Sum(Func<byte[], int> variant)
    {
        int sum = 0;
        for (int i = 0; i < Targets; i++)
        {
            _targets.AsSpan(i * NodeId.Size, NodeId.Size).CopyTo(_current);
            sum += variant(_current);
        }

        return sum;
    }

    private int[] Run(Func<byte[], int> variant)
    {
        var all = new List<int>();
        for (int i = 0; i < Targets; i++)
        {
            variant(_targets[(i * NodeId.Size)..((i + 1) * NodeId.Size)]);
            all.AddRange(_best.AsSpan(0, Closest));
        }

        return [.. all];
    }

    private int Bytes(byte[] target)
    {
        ReadOnlySpan<byte> wire = _wire;
        Span<int> best = _best;
        int held = 0;
        for (int at = 0; at < wire.Length; at += NodeId.Size)
        {
            int place = held;
            while (place > 0 && ScalarIds.CompareBytes(target, wire[at..], wire[best[place - 1]..]) < 0)
            {
                best[place] = best[--place];
            }

            best[place] = at;
            held = Math.Min(held + 1, Closest);
        }

        return best[0];
    }

    private int Words(byte[] target)
    {
        ref byte wire = ref MemoryMarshal.GetArrayDataReference(_wire);
        ref byte key = ref MemoryMarshal.GetArrayDataReference(target);
        Span<int> best = _best;
        int held = 0;
        for (int at = 0; at < Count * NodeId.Size; at += NodeId.Size)
        {
            int place = held;
            while (place > 0 && NodeId.CompareDistance(
                ref key, ref Unsafe.Add(ref wire, at), ref Unsafe.Add(ref wire, best[place - 1])) < 0)
            {
                best[place] = best[--place];
            }

            best[place] = at;
            held = Math.Min(held + 1, Closest);
        }

        return best[0];
    }

    private int NodeIds(byte[] target)
    {
        ref byte wire = ref MemoryMarshal.GetArrayDataReference(_wire);
        NodeId key = new(target);
        Span<int> best = _best;
        int held = 0;
        for (int at = 0; at < Count * NodeId.Size; at += NodeId.Size)
        {
            NodeId id = NodeId.Load(ref Unsafe.Add(ref wire, at));
            int place = held;
            while (place > 0
                && NodeId.CompareDistance(key, id, NodeId.Load(ref Unsafe.Add(ref wire, best[place - 1]))) < 0)
            {
                best[place] = best[--place];
            }

            best[place] = at;
            held = Math.Min(held + 1, Closest);
        }

        return best[0];
    }

    private int Vectors(byte[] target)
    {
        ref byte wire = ref MemoryMarshal.GetArrayDataReference(_wire);
        ref byte key = ref MemoryMarshal.GetArrayDataReference(target);
        Span<int> best = _best;
        int held = 0;
        for (int at = 0; at < Count * NodeId.Size; at += NodeId.Size)
        {
            int place = held;
            while (place > 0 && VectorIds.Compare(
                ref key, ref Unsafe.Add(ref wire, at), ref Unsafe.Add(ref wire, best[place - 1])) < 0)
            {
                best[place] = best[--place];
            }

            best[place] = at;
            held = Math.Min(held + 1, Closest);
        }

        return best[0];
    }

    // The distances of the held ids are computed once and kept beside them; equal keys fall back to the whole compare.
    private int Keys(byte[] target)
    {
        ref byte wire = ref MemoryMarshal.GetArrayDataReference(_wire);
        ref byte key = ref MemoryMarshal.GetArrayDataReference(target);
        ulong prefix = ScalarIds.Word(ref key, 0);
        Span<int> best = _best;
        Span<ulong> keys = _keys;
        int held = 0;
        for (int at = 0; at < Count * NodeId.Size; at += NodeId.Size)
        {
            ulong distance = ScalarIds.Word(ref Unsafe.Add(ref wire, at), 0) ^ prefix;
            int place = held;
            while (place > 0 && (distance < keys[place - 1] || (distance == keys[place - 1]
                && ScalarIds.CompareWords(
                    ref key, ref Unsafe.Add(ref wire, at), ref Unsafe.Add(ref wire, best[place - 1])) < 0)))
            {
                keys[place] = keys[place - 1];
                best[place] = best[--place];
            }

            keys[place] = distance;
            best[place] = at;
            held = Math.Min(held + 1, Closest);
        }

        return best[0];
    }
}
