using System.Buffers.Binary;
using System.Numerics;

namespace Dht.Engine.Randomness;

/// <summary>
/// A repeatable source (xoshiro256**, seeded by splitmix64): the same seed yields the same bytes on every machine.
/// For simulations and tests only; an observer of its output can predict it.
/// </summary>
public sealed class SeededRandomSource : IRandomSource
{
    private const ulong Increment = 0x9E3779B97F4A7C15;

    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;

    /// <summary>Starts the sequence of <paramref name="seed"/>.</summary>
    public SeededRandomSource(ulong seed)
    {
        _s0 = Mix(seed += Increment);
        _s1 = Mix(seed += Increment);
        _s2 = Mix(seed += Increment);
        _s3 = Mix(seed + Increment) | 1;
    }

    /// <summary>The finaliser of splitmix64: a bijection of 64 bits that hashes well.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    /// <inheritdoc/>
    public void Fill(Span<byte> destination)
    {
        while (destination.Length >= 8)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(destination, NextUInt64());
            destination = destination[8..];
        }

        if (!destination.IsEmpty)
        {
            ulong last = NextUInt64();
            for (int i = 0; i < destination.Length; i++)
            {
                destination[i] = (byte)(last >> (8 * i));
            }
        }
    }

    /// <inheritdoc/>
    public uint NextUInt32() => (uint)(NextUInt64() >> 32);

    /// <inheritdoc/>
    public ulong NextUInt64()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>A number in 0 .. <paramref name="exclusiveMax"/> - 1.</summary>
    public int Next(int exclusiveMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(exclusiveMax);
        return (int)(((ulong)NextUInt32() * (ulong)exclusiveMax) >> 32);
    }
}
