using Dht.Engine.Invariants;

namespace Dht.Engine.Node;

/// <content>What must be true of a lookup.</content>
internal sealed partial class NodeLookup
{
    internal void CheckInvariants()
    {
        _overIPv4.Candidates.CheckInvariants();
        _overIPv6.Candidates.CheckInvariants();
        Invariant.Holds(IsActive || _request.Listener == null, "a lookup that has ended keeps nobody's listener");
        Invariant.Holds(
            _overIPv4.AnnouncesAccepted <= _overIPv4.AnnouncesSent
                && _overIPv6.AnnouncesAccepted <= _overIPv6.AnnouncesSent,
            "no more announcements are confirmed than were sent");
    }
}
