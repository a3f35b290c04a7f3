using Dht.Engine.Invariants;
using Dht.Engine.Storage;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>The tasks that every node has.</summary>
internal sealed class BuiltInTasks(NodeUpkeep upkeep, ExternalAddress address, TokenRotation tokens, IPeerStore peers)
{
    public void Run(UpkeepTask task, Instant now)
    {
        switch (task)
        {
            case UpkeepTask.Join:
                upkeep.JoinWhereEmpty(now);
                break;
            case UpkeepTask.ContactPing:
                upkeep.PingStaleContacts(now);
                break;
            case UpkeepTask.BucketRefresh:
                upkeep.RefreshBuckets(now);
                break;
            case UpkeepTask.NeighbourSearch:
                upkeep.SearchNeighbourhood(now);
                break;
            case UpkeepTask.TokenRotation:
                tokens.Rotate(now);
                break;
            case UpkeepTask.PeerExpiry:
                peers.Expire(now);
                break;
            case UpkeepTask.IdFit:
                address.FitIds(now);
                break;
            default:
                Invariant.Holds(false, "a task without code of the user is one of the node's own");
                break;
        }
    }
}
