namespace Dht.Engine.Bench.Load.Generator;

/// <summary>
/// The queries under way. A transaction id holds the slot in its lower bits and, above them, how often the slot was
/// used, so that an answer that comes late is not taken for that to a later query.
/// </summary>
internal sealed class FlightTable
{
    private readonly long[] _sentAt;
    private readonly uint[] _transactions;
    private readonly int _bits;

    public FlightTable(int bits)
    {
        _bits = bits;
        _sentAt = new long[1 << bits];
        _transactions = new uint[1 << bits];
        for (int i = 0; i < _transactions.Length; i++)
        {
            _transactions[i] = (uint)i;
        }
    }

    public int SlotCount => _sentAt.Length;

    public bool IsOpen(int slot) => _sentAt[slot] != 0;

    public long SentAt(int slot) => _sentAt[slot];

    /// <summary>Takes a slot for a query, whatever it held before.</summary>
    /// <param name="slot">Which.</param>
    /// <param name="sentAt">Its time, not 0.</param>
    public uint Open(int slot, long sentAt)
    {
        _sentAt[slot] = sentAt;
        return _transactions[slot] += 1u << _bits;
    }

    /// <summary>Frees the slot of an answered query; false when none waits for this answer.</summary>
    public bool TryClose(uint transaction, out int slot, out long sentAt)
    {
        slot = (int)(transaction & (uint)(_sentAt.Length - 1));
        sentAt = _sentAt[slot];
        if (sentAt == 0 || _transactions[slot] != transaction)
        {
            return false;
        }

        _sentAt[slot] = 0;
        return true;
    }
}
