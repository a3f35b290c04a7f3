using Dht.Engine.Addressing;
using Dht.Engine.Invariants;

namespace Dht.Engine.Node;

/// <content>What must be true of the entry points.</content>
internal sealed partial class EntryPoints
{
    internal void CheckInvariants()
    {
        Invariant.Holds(_routers.Count + _bootstrap.Count <= NodeOptions.EntriesMax, "entries keep to their bound");
        Invariant.Holds(
            SavedCount(IpFamily.IPv4) <= NodeState.ContactsMax && SavedCount(IpFamily.IPv6) <= NodeState.ContactsMax,
            "saved contacts of a family keep to their bound");
        for (int i = 0; i < _saved.Count; i++)
        {
            Invariant.Holds(IndexOfSaved(_saved[i].Endpoint) == i, "a saved contact is there once");
        }
    }
}
