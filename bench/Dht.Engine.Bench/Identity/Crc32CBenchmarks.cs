using BenchmarkDotNet.Attributes;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;

namespace Dht.Engine.Bench;

/// <summary>
/// CRC-32C by the processor's instruction against the table that everybody writes first: over 8 bytes (BEP 42) and
/// over a saved state.
/// </summary>
[MemoryDiagnoser]
public class Crc32CBenchmarks
{
    private const int Pieces = 64;

    private byte[] _bytes = [];

    [Params(8, 10_000)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _bytes = new byte[Pieces + Bytes];
        new SeededRandomSource(1).Fill(_bytes);
        if (Instruction() != Table())
        {
            throw new InvalidOperationException("The variants disagree.");
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Pieces)]
    public uint Table()
    {
        uint sum = 0;
        for (int i = 0; i < Pieces; i++)
        {
            sum ^= TableCrc32C.Compute(_bytes.AsSpan(i, Bytes));
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Pieces)]
    public uint Instruction()
    {
        uint sum = 0;
        for (int i = 0; i < Pieces; i++)
        {
            sum ^= Crc32C.Compute(_bytes.AsSpan(i, Bytes));
        }

        return sum;
    }
}
