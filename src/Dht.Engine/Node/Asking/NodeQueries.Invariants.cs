namespace Dht.Engine.Node;

/// <content>What must be true of our open queries.</content>
internal sealed partial class NodeQueries
{
    internal void CheckInvariants() => _desk.CheckInvariants();
}
