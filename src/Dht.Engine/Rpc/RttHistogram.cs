using System.Numerics;

namespace Dht.Engine.Rpc;

/// <summary>
/// Round trip times, remembered as counts in four buckets of one width to the octave, from 0.1 ms to 13 s. Old ones
/// fade: when there are enough, all counts are halved. Timeouts adapt to its quantiles.
/// </summary>
internal sealed partial class RttHistogram
{
    private const int PerOctave = 4;
    private const int Octaves = 17;
    private const long Unit = TimeSpan.TicksPerMillisecond / 10;
    private const int FadeAt = 4096;

    private readonly int[] _counts = new int[PerOctave * Octaves];

    /// <summary>How many round trips the counts add up to now.</summary>
    public int Count { get; private set; }

    /// <summary>Adds one round trip.</summary>
    public void Add(TimeSpan roundTrip)
    {
        _counts[BucketOf(roundTrip)]++;
        if (++Count >= FadeAt)
        {
            Count = 0;
            foreach (ref int count in _counts.AsSpan())
            {
                count >>= 1;
                Count += count;
            }
        }
    }

    /// <summary>
    /// The round trip that a share of them stays at or below; an upper bound within 25 %. Zero when nothing is known.
    /// </summary>
    /// <param name="share">0 to 1; 0.5 is the median.</param>
    public TimeSpan Quantile(double share)
    {
        long wanted = (long)Math.Ceiling(Count * Math.Clamp(share, 0, 1));
        if (Count == 0)
        {
            return TimeSpan.Zero;
        }

        long seen = 0;
        int bucket = 0;
        for (; bucket < _counts.Length - 1; bucket++)
        {
            seen += _counts[bucket];
            if (seen >= wanted && seen > 0)
            {
                break;
            }
        }

        return UpperBound(bucket);
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        Count = 0;
    }

    private static int BucketOf(TimeSpan roundTrip)
    {
        long ticks = Math.Clamp(roundTrip.Ticks, Unit, (Unit << Octaves) - 1);
        int octave = BitOperations.Log2((ulong)(ticks / Unit));
        int quarter = (int)(ticks * PerOctave / (Unit << octave)) - PerOctave;
        return (octave * PerOctave) + quarter;
    }

    private static TimeSpan UpperBound(int bucket)
    {
        int octave = bucket / PerOctave;
        int quarter = bucket % PerOctave;
        return TimeSpan.FromTicks((long)(Unit * Math.Pow(2, octave) * (1 + ((quarter + 1) / 4.0))));
    }
}
