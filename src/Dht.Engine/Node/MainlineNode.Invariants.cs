using Dht.Engine.Invariants;
using Dht.Engine.Routing;

namespace Dht.Engine.Node;

/// <content>What must be true of a node between two calls of its driver.</content>
public sealed partial class MainlineNode
{
    internal void CheckInvariants()
    {
        foreach (NodeFamily family in _families.All)
        {
            // What a user's table says of itself is the user's matter.
            Invariant.Holds(
                family.Table is GuardedTable || family.Table.Self == family.Id, "a table is arranged around our id");
            Invariant.Holds(family.Table.Family == family.Family, "a table is of its family");
            (family.Table as BucketTable)?.CheckInvariants();
            family.Address.CheckInvariants();
        }

        _queries.CheckInvariants();
        _entries.CheckInvariants();
        _lookups.CheckInvariants();
        _tasks.CheckInvariants();
    }
}
