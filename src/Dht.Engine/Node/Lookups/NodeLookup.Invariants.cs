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
            _announcement.Accepted <= _announcement.Sent, "no more announcements are confirmed than were sent");
        Invariant.Holds(
            !_announcement.IsAnyOpen || _announcement.IsUnderWay, "announcements are open only while announcing");
    }
}
