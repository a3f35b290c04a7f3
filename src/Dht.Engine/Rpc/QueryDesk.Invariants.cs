using Dht.Engine.Invariants;

namespace Dht.Engine.Rpc;

/// <content>What must be true of the desk.</content>
internal sealed partial class QueryDesk<TQuery>
{
    internal void CheckInvariants()
    {
        _transactions.CheckInvariants();
        Invariant.Holds(_transactions.OpenCount <= _transactions.Count, "the open ones are some of all");
    }

    /// <summary>All queries that await an answer.</summary>
    internal IEnumerable<TQuery> Queries() => _transactions.TakenStates();
}
