namespace Dht.Engine.Node;

/// <content>What must be true of the vote.</content>
internal sealed partial class OwnAddress
{
    internal void CheckInvariants() => _vote.CheckInvariants();
}
