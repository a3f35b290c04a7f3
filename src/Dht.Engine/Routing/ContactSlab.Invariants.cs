using Dht.Engine.Invariants;

namespace Dht.Engine.Routing;

/// <content>What must be true of the rows.</content>
internal sealed partial class ContactSlab
{
    /// <summary>
    /// Walks all lists: none is over its rows, no id is in a list twice, and what lies beside a row belongs to it.
    /// </summary>
    internal void CheckInvariants()
    {
        for (int list = 0; list < _counts.Length; list++)
        {
            Invariant.Holds(EndRow(list) <= _firstRows[list + 1], "a list stays within its rows");
            for (int row = FirstRow(list); row < EndRow(list); row++)
            {
                Invariant.Holds(_prefixes[row] == Id(row).Prefix64, "a prefix is that of the id in its row");
                Invariant.Holds(TryFind(list, Id(row), out int first) && first == row, "an id is in a list once");
                Invariant.Holds(_records[row].Failures >= 0, "failures are counted up from none");
            }
        }
    }
}
