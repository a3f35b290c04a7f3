using Dht.Engine.Invariants;

namespace Dht.Engine.Lookup;

/// <content>What must be true of the table of keys.</content>
internal sealed partial class AskedKeys
{
    internal void CheckInvariants()
    {
        int used = 0;
        for (int place = 0; place < _keys.Length; place++)
        {
            if (_counts[place] > 0)
            {
                used++;
                Invariant.Holds(Find(_keys[place]) == place, "a key is found where it is kept");
            }
        }

        Invariant.Holds(used == _used, "as many keys are kept as are counted");
    }
}
