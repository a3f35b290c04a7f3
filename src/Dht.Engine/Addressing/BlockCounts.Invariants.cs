using Dht.Engine.Invariants;

namespace Dht.Engine.Addressing;

/// <content>What must be true of the counts.</content>
internal sealed partial class BlockCounts
{
    /// <summary>Walks both tables.</summary>
    /// <param name="total">How many IPv6 sources the owner has counted.</param>
    internal void CheckInvariants(int total)
    {
        Invariant.Holds(_count == total, "every IPv6 source is counted by its blocks, and no other");
        _organisations.CheckInvariants(total);
        _providers.CheckInvariants(total);
    }
}
