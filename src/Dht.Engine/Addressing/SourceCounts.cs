using System.Numerics;
using Dht.Engine.Invariants;

namespace Dht.Engine.Addressing;

/// <summary>
/// How many of something come from each source, a site (<see cref="Endpoint.HasSameSite"/>) or an <see
/// cref="EndpointNetworks.Network"/>: exact, in a hash table of fixed size. Linear probing with a keyed hash, so that
/// nobody can choose sources that all fall in one place. Allocates only when created; one thread.
/// </summary>
internal sealed partial class SourceCounts
{
    private readonly Entry[] _entries;
    private readonly EndpointHasher _hasher;
    private readonly int _mask;

    /// <param name="capacity">
    /// The most sources counted at once. At least a quarter of the places stays free, so that probes are short.
    /// </param>
    /// <param name="hasher">With a random key.</param>
    public SourceCounts(int capacity, EndpointHasher hasher)
    {
        _entries = new Entry[(int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(2, capacity + ((capacity + 2L) / 3)))];
        _mask = _entries.Length - 1;
        _hasher = hasher;
    }

    public int CountOf(in Endpoint endpoint) => _entries[Find(endpoint)].Count;

    public void Add(in Endpoint endpoint)
    {
        ref Entry entry = ref _entries[Find(endpoint)];
        entry = new Entry(SiteOf(endpoint), endpoint.Family, entry.Count + 1);
    }

    /// <summary>Takes one back; the source must have one.</summary>
    public void Remove(in Endpoint endpoint)
    {
        int place = Find(endpoint);
        Entry entry = _entries[place];
        Invariant.Holds(entry.Count > 0, "only what was counted is taken back");
        if (entry.Count > 1)
        {
            _entries[place] = entry with { Count = entry.Count - 1 };
            return;
        }

        // Entries after the gap move up into it unless that would put them before their home: no probe may meet a gap
        // too early.
        for (int next = (place + 1) & _mask; _entries[next].Count > 0; next = (next + 1) & _mask)
        {
            int home = Home(_entries[next].Site, _entries[next].Family);
            if (((next - home) & _mask) >= ((next - place) & _mask))
            {
                _entries[place] = _entries[next];
                place = next;
            }
        }

        _entries[place] = default;
    }

    private static ulong SiteOf(in Endpoint endpoint) => endpoint.IsIPv6 ? endpoint.UpperBits : endpoint.LowerBits;

    private int Home(ulong site, IpFamily family) => (int)(_hasher.Hash(site) + (ulong)family) & _mask;

    /// <summary>The entry of a source, or the free one where it would go.</summary>
    private int Find(in Endpoint endpoint)
    {
        ulong site = SiteOf(endpoint);
        int place = Home(site, endpoint.Family);
        while (_entries[place].Count > 0 && (_entries[place].Site != site || _entries[place].Family != endpoint.Family))
        {
            place = (place + 1) & _mask;
        }

        return place;
    }

    // 16 bytes.
    private readonly record struct Entry(ulong Site, IpFamily Family, int Count);
}
