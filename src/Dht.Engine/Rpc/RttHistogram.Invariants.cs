using Dht.Engine.Invariants;

namespace Dht.Engine.Rpc;

/// <content>What must be true of the counts.</content>
internal sealed partial class RttHistogram
{
    /// <summary>Adds up all buckets.</summary>
    internal void CheckInvariants()
    {
        int sum = 0;
        foreach (int count in _counts)
        {
            Invariant.Holds(count >= 0, "a count does not fall below zero");
            sum += count;
        }

        Invariant.Holds(sum == Count && Count < FadeAt, "the counts add up, and fade before there are too many");
    }
}
