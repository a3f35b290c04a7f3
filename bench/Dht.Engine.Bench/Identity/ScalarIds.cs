using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Dht.Engine.Bench;

/// <summary>Distances over wire bytes without vectors: byte by byte, and in words of 64, 64 and 32 bits.</summary>
internal static class ScalarIds
{
    public static int CompareBytes(ReadOnlySpan<byte> target, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        for (int i = 0; i < 20; i++)
        {
            int l = left[i] ^ target[i];
            int r = right[i] ^ target[i];
            if (l != r)
            {
                return l - r;
            }
        }

        return 0;
    }

    public static int PrefixBytes(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        for (int i = 0; i < 20; i++)
        {
            int difference = left[i] ^ right[i];
            if (difference != 0)
            {
                return (8 * i) + BitOperations.LeadingZeroCount((uint)difference) - 24;
            }
        }

        return 160;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CompareWords(ref byte target, ref byte left, ref byte right)
    {
        ulong key = Word(ref target, 0);
        ulong l = Word(ref left, 0) ^ key;
        ulong r = Word(ref right, 0) ^ key;
        return l != r ? (l < r ? -1 : 1) : CompareRest(ref target, ref left, ref right);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Word(ref byte start, int offset) =>
        BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, offset)));

    private static int CompareRest(ref byte target, ref byte left, ref byte right)
    {
        ulong l = Word(ref left, 8) ^ Word(ref target, 8);
        ulong r = Word(ref right, 8) ^ Word(ref target, 8);

        // The last 12 bytes in two overlapping words: the second begins at byte 12, and what precedes it is equal by
        // then.
        return l != r
            ? (l < r ? -1 : 1)
            : (Word(ref left, 12) ^ Word(ref target, 12)).CompareTo(Word(ref right, 12) ^ Word(ref target, 12));
    }
}
