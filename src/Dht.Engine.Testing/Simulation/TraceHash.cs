using System.Buffers.Binary;
using System.Numerics;

namespace Dht.Engine.Testing.Simulation;

/// <summary>
/// A running digest of 128 bits over a sequence of words and bytes. Not a secret: it tells two runs apart, no more.
/// </summary>
internal struct TraceHash
{
    private const ulong Odd0 = 0x9E3779B97F4A7C15;
    private const ulong Odd1 = 0xC2B2AE3D27D4EB4F;

    private ulong _first;
    private ulong _second;

    public readonly UInt128 Value => new(_first, _second);

    public void Add(ulong word)
    {
        _first = (_first ^ word) * Odd0;
        _first ^= _first >> 29;
        _second = BitOperations.RotateLeft(_second + word, 27) * Odd1;
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        Add((ulong)bytes.Length);
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            Add(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        ulong last = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            last |= (ulong)bytes[i] << (8 * i);
        }

        Add(last);
    }
}
