using Dht.Engine.Invariants;

namespace Dht.Engine.Crawling;

/// <content>What must be true of the ring.</content>
internal sealed partial class IntRing
{
    /// <summary>The head and the count are within the ring.</summary>
    internal void CheckInvariants()
    {
        Invariant.Holds((uint)_head < (uint)_items.Length, "the head is a place in the ring");
        Invariant.Holds((uint)Count <= (uint)_items.Length, "no more are waiting than there is room for");
    }

    /// <summary>What would be taken after <paramref name="index"/> others.</summary>
    internal int ItemAt(int index) => _items[(_head + index) % _items.Length];
}
