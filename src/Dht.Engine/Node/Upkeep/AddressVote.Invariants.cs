using Dht.Engine.Invariants;

namespace Dht.Engine.Node;

/// <content>What must be true of the votes held.</content>
internal sealed partial class AddressVote
{
    internal void CheckInvariants()
    {
        Invariant.Holds(Count <= _votes.Length, "no more votes are held than there are places");
        foreach (ref readonly Vote vote in _votes.AsSpan(0, Count))
        {
            Invariant.Holds(vote.Voter.Family == Family, "a voter is of the family");
            Invariant.Holds(vote.Number > 0 && vote.Number <= _cast, "a vote has the number it was cast under");
        }
    }
}
