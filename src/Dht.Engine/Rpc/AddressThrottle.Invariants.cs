using Dht.Engine.Invariants;

namespace Dht.Engine.Rpc;

/// <content>What must be true of the entries.</content>
internal sealed partial class AddressThrottle
{
    /// <summary>Walks the table: every address is in its set, once.</summary>
    internal void CheckInvariants()
    {
        for (int place = 0; place < _entries.Length; place++)
        {
            Entry entry = _entries[place];
            int set = place - (place % Ways);
            if (entry == default)
            {
                continue;
            }

            Invariant.Holds((int)(entry.Tag & _setMask) * Ways == set, "an address is in the set of its hash");
            for (int other = set; other < place; other++)
            {
                Invariant.Holds(
                    _entries[other].Tag != entry.Tag || _entries[other] == default, "an address has one entry");
            }
        }
    }
}
