using System.Numerics;

namespace Dht.Engine.Identity;

/// <summary>The XOR distance of two ids: a 160-bit number, most significant part first.</summary>
/// <param name="High">Bits 0 to 63.</param>
/// <param name="Middle">Bits 64 to 127.</param>
/// <param name="Low">Bits 128 to 159.</param>
internal readonly record struct Distance(ulong High, ulong Middle, uint Low) : IComparable<Distance>
{
    /// <summary>Significant bits, 0 (the ids are equal) to 160 (they differ in the first bit).</summary>
    public int BitLength => High != 0
        ? NodeId.Bits - BitOperations.LeadingZeroCount(High)
        : Middle != 0
            ? 96 - BitOperations.LeadingZeroCount(Middle)
            : 32 - BitOperations.LeadingZeroCount(Low);

    /// <summary>Whether <paramref name="left"/> is smaller.</summary>
    public static bool operator <(Distance left, Distance right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> is larger.</summary>
    public static bool operator >(Distance left, Distance right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> is not larger.</summary>
    public static bool operator <=(Distance left, Distance right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> is not smaller.</summary>
    public static bool operator >=(Distance left, Distance right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public int CompareTo(Distance other)
    {
        int order = High.CompareTo(other.High);
        if (order == 0)
        {
            order = Middle.CompareTo(other.Middle);
        }

        return order != 0 ? order : Low.CompareTo(other.Low);
    }
}
