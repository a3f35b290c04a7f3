using Dht.Engine.Invariants;

namespace Dht.Engine.Rpc;

/// <content>What must be true of the datagrams that are staged.</content>
public sealed partial class Outbox
{
    /// <summary>Walks all that is staged: one datagram lies after another, and a reservation has its room.</summary>
    internal void CheckInvariants()
    {
        int used = 0;
        Invariant.Holds(Count >= 0 && Count <= _entries.Length, "no more datagrams are staged than there are entries");
        for (int i = 0; i < Count; i++)
        {
            Invariant.Holds(_entries[i].Start == used, "a datagram begins where the one before it ends");
            Invariant.Holds(
                _entries[i].Length is > 0 and <= DatagramSizeMax, "a datagram is neither empty nor too long");
            Invariant.Holds(Reaches(_entries[i].Destination.Family), "a datagram goes where the socket reaches");
            used += _entries[i].Length;
        }

        Invariant.Holds(used == _used && used <= _bytes.Length, "what is used ends with the last datagram");
        Invariant.Holds(!_isReserved || HasRoom, "a reservation has room for a largest datagram");
    }
}
