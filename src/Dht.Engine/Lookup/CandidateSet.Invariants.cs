namespace Dht.Engine.Lookup;

/// <content>What must be true of the parts.</content>
internal sealed partial class CandidateSet
{
    internal void CheckInvariants()
    {
        _slots.CheckInvariants();
        _order.CheckInvariants();
        _schedule.CheckInvariants();
        _closest.CheckInvariants();
        _gaps.CheckInvariants();
    }
}
