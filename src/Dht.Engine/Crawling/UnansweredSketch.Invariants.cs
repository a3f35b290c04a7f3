using System.Numerics;
using Dht.Engine.Invariants;

namespace Dht.Engine.Crawling;

/// <content>What must be true of the counts.</content>
internal sealed partial class UnansweredSketch
{
    /// <summary>
    /// The counts are within their bounds, and together what was added, unless one has reached its top.
    /// </summary>
    internal void CheckInvariants()
    {
        if (_max == 0)
        {
            Invariant.Holds(_counts.Length == 0 && _added == 0, "without a limit nothing is counted");
            return;
        }

        Invariant.Holds(_counts.Length is >= SizeMin and <= SizeMax, "the sketch keeps within its sizes");
        Invariant.Holds(BitOperations.IsPow2(_counts.Length), "the size of the sketch is a power of two");
        long sum = 0;
        bool isTopped = false;
        foreach (byte count in _counts)
        {
            sum += count;
            isTopped |= count == byte.MaxValue;
        }

        Invariant.Holds(sum == _added || (isTopped && sum < _added), "the counts are together what was added");
    }

    /// <summary>An empty sketch of the same size and key.</summary>
    internal UnansweredSketch CreateEmpty() => new(_counts.Length * 2, _max, _hasher);

    /// <summary>Whether another sketch counts the same.</summary>
    internal bool CountsLike(UnansweredSketch other) =>
        _added == other._added && _counts.AsSpan().SequenceEqual(other._counts);
}
