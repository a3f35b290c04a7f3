using Dht.Engine.Invariants;

namespace Dht.Engine;

/// <content>What must be true of the ring of calls.</content>
internal sealed partial class Mailbox
{
    /// <summary>
    /// Walks the ring: the places from the head on hold as many calls as are counted, and the others none.
    /// </summary>
    internal void CheckInvariants()
    {
        lock (_gate)
        {
            Invariant.Holds(_head >= 0 && _head < _calls.Length, "the head is a place of the ring");
            Invariant.Holds(_count >= 0 && _count <= _calls.Length, "the box holds no more than its capacity");
            for (int i = 0; i < _calls.Length; i++)
            {
                bool isTaken = _calls[(_head + i) % _calls.Length] != null;
                Invariant.Holds(isTaken == (i < _count), "the calls lie side by side from the head on");
            }
        }
    }
}
