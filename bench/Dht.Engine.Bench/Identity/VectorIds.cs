using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dht.Engine.Bench;

/// <summary>
/// Distances with 128-bit vectors: XOR, compare all bytes at once, and look at the first that differs.
/// </summary>
/// <remarks>
/// Byte 0 on the wire is the most significant one and lane 0 of the vector, so the lowest bit of a mask decides.
/// </remarks>
internal static class VectorIds
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Compare(ref byte target, ref byte left, ref byte right)
    {
        Vector128<byte> key = Vector128.LoadUnsafe(ref target);
        Vector128<byte> l = Vector128.LoadUnsafe(ref left) ^ key;
        Vector128<byte> r = Vector128.LoadUnsafe(ref right) ^ key;
        uint less = Vector128.LessThan(l, r).ExtractMostSignificantBits();
        uint greater = Vector128.GreaterThan(l, r).ExtractMostSignificantBits();
        uint differ = less | greater;
        return differ != 0
            ? ((less & (differ & (0 - differ))) != 0 ? -1 : 1)
            : CompareTail(ref target, ref left, ref right);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CommonPrefix(ref byte left, ref byte right)
    {
        Vector128<byte> difference = Vector128.LoadUnsafe(ref left) ^ Vector128.LoadUnsafe(ref right);
        uint differ = ~Vector128.Equals(difference, Vector128<byte>.Zero).ExtractMostSignificantBits() & 0xFFFF;
        if (differ != 0)
        {
            int index = BitOperations.TrailingZeroCount(differ);
            int value = Unsafe.Add(ref left, index) ^ Unsafe.Add(ref right, index);
            return (8 * index) + BitOperations.LeadingZeroCount((uint)value) - 24;
        }

        ulong tail = ScalarIds.Word(ref left, 12) ^ ScalarIds.Word(ref right, 12);
        return 96 + BitOperations.LeadingZeroCount(tail);
    }

    private static int CompareTail(ref byte target, ref byte left, ref byte right) =>
        (ScalarIds.Word(ref left, 12) ^ ScalarIds.Word(ref target, 12)).CompareTo(
            ScalarIds.Word(ref right, 12) ^ ScalarIds.Word(ref target, 12));
}
