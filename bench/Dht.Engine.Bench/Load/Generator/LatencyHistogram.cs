using System.Diagnostics;
using System.Numerics;

namespace Dht.Engine.Bench.Load.Generator;

/// <summary>
/// Counts durations in buckets that are at most 1/128 of their value wide: two significant digits and more, from one
/// clock tick to hours, in 60 KiB.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 7;
    private const int SubCount = 1 << SubBits;

    // Values below SubCount lie one to a bucket; from there on each power of two has SubCount buckets.
    private readonly long[] _counts = new long[(64 - SubBits) * SubCount];
    private long _total;
    private long _max;

    /// <param name="ticks">In ticks of the <see cref="Stopwatch"/>; below 0 counts as 0.</param>
    public void Add(long ticks)
    {
        ulong value = (ulong)Math.Max(0, ticks);
        _counts[BucketOf(value)]++;
        _total++;
        _max = Math.Max(_max, ticks);
    }

    public void Clear()
    {
        Array.Clear(_counts);
        _total = 0;
        _max = 0;
    }

    /// <summary>The greatest duration, in microseconds.</summary>
    public double Max => Microseconds(_max);

    /// <summary>The duration that a share of all do not exceed, in microseconds; 0 when there are none.</summary>
    /// <param name="share">0 to 1.</param>
    public double Percentile(double share)
    {
        long rank = Math.Max(1, (long)Math.Ceiling(share * _total));
        long seen = 0;
        for (int i = 0; i < _counts.Length && _total > 0; i++)
        {
            seen += _counts[i];
            if (seen >= rank)
            {
                return Math.Min(Microseconds(UpperBoundOf(i)), Max);
            }
        }

        return 0;
    }

    private static double Microseconds(double ticks) => ticks * 1e6 / Stopwatch.Frequency;

    private static int BucketOf(ulong value)
    {
        int shift = Math.Max(0, BitOperations.Log2(value | 1) - SubBits);
        return (shift << SubBits) + (int)(value >> shift);
    }

    private static double UpperBoundOf(int bucket)
    {
        int shift = Math.Max(0, (bucket >> SubBits) - 1);
        long top = bucket - ((long)shift << SubBits);
        return Math.ScaleB(top + 1, shift) - 1;
    }
}
