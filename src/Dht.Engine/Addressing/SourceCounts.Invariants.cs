using Dht.Engine.Invariants;

namespace Dht.Engine.Addressing;

/// <content>What must be true of the hash table.</content>
internal sealed partial class SourceCounts
{
    /// <summary>Walks the table: every source is found from its home, and the counts add up.</summary>
    /// <param name="total">What the owner has counted in all.</param>
    internal void CheckInvariants(long total)
    {
        long sum = 0;
        int free = 0;
        for (int place = 0; place < _entries.Length; place++)
        {
            ref readonly Entry entry = ref _entries[place];
            sum += entry.Count;
            free += entry.Count == 0 ? 1 : 0;
            Invariant.Holds(entry.Count >= 0, "a count does not fall below zero");
            Invariant.Holds(entry.Count > 0 || entry == default, "a free place is empty");
            Invariant.Holds(entry.Count == 0 || PlaceOf(entry) == place, "a source is found from its home");
        }

        Invariant.Holds(free > 0, "a place stays free, where a search ends");
        Invariant.Holds(sum == total, "the counts add up to all that was counted");
    }

    private int PlaceOf(in Entry entry) => Find(entry.Family == IpFamily.IPv6
        ? Endpoint.FromIPv6(entry.Site, 0, 0)
        : Endpoint.FromIPv4((uint)entry.Site, 0));
}
