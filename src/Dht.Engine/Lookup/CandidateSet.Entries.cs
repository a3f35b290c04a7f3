using Dht.Engine.Identity;
using Dht.Engine.Krpc;

namespace Dht.Engine.Lookup;

/// <content>Entry points that turn out to be nodes like any other.</content>
public sealed partial class CandidateSet
{
    /// <summary>Whether a handle is that of an entry point.</summary>
    internal bool IsEntry(long handle) => TryFind(handle, out int slot) && _slots[slot].IsEntry;

    /// <summary>
    /// An entry point has answered, and is no router: from now on it is a candidate with the id that it says it has, and may be among
    /// the closest.
    /// </summary>
    /// <returns>Whether to read the answer; false when the handle is not of an entry point that was asked in this search.</returns>
    public bool MarkEntryAnswered(long handle, in NodeId sender) =>
        TryFind(handle, out int slot) && _slots[slot].IsEntry && Answer(slot, sender, keepsEntry: true);

    /// <summary>Puts an entry point among the candidates; false when there is no use or no room for it there.</summary>
    private bool TryMakeCandidate(int slot, in NodeId sender)
    {
        ulong key = KeyOf(sender);
        int place = PlaceBehind(sender, key);
        if (IsBeyondClosest(sender) || (_count == _options.Capacity && !TryMakeRoom(ref place)))
        {
            return false;
        }

        ref CandidateSlot entry = ref _slots[slot];
        entry.IsEntry = false;
        entry.Contact = new CompactNode(sender, entry.Contact.Endpoint);
        _entryCount--;
        _siteHashes[slot] = NonZero(_hasher.HashSite(entry.Contact.Endpoint));
        InsertAt(place, slot, key);
        return true;
    }
}
