namespace Dht.Engine.Rpc;

/// <content>What must be true of the desk.</content>
internal sealed partial class QueryDesk<TQuery>
{
    internal void CheckInvariants() => _transactions.CheckInvariants();

    /// <summary>All queries that await an answer.</summary>
    internal IEnumerable<TQuery> Queries() => _transactions.TakenStates();
}
