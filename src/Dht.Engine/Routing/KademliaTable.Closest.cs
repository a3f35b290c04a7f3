using System.Numerics;
using Dht.Engine.Identity;

namespace Dht.Engine.Routing;

/// <content>The search for the contacts nearest to a target.</content>
public sealed partial class KademliaTable
{
    /// <inheritdoc/>
    /// <remarks>
    /// Let c be the number of leading bits that the target shares with us. Everything in bucket c shares c + 1 or more bits with
    /// the target and so is nearer than all else; then come the buckets beyond c, all together; then c - 1, c - 2 and so on, each
    /// farther than the one before. So contacts are compared only within such a group, and most answers need one or two groups.
    /// </remarks>
    public int CopyClosest(in NodeId target, in NodeId except, Span<byte> destination)
    {
        int wanted = Math.Min(destination.Length / _contacts.RowSize, 64);
        Span<ulong> keys = stackalloc ulong[64];
        Span<int> rows = stackalloc int[64];
        var nearest = new Nearest(keys[..wanted], rows[..wanted], target, except);

        int own = Math.Min(Self.CommonPrefixLength(target), BucketCount - 1);
        Collect(ref nearest, own);
        nearest.CloseGroup();
        if (!nearest.IsFull)
        {
            for (int bucket = NextOccupied(own + 1); bucket >= 0; bucket = NextOccupied(bucket + 1))
            {
                Collect(ref nearest, bucket);
            }

            nearest.CloseGroup();
            for (int bucket = own - 1; bucket >= 0 && !nearest.IsFull; bucket--)
            {
                Collect(ref nearest, bucket);
                nearest.CloseGroup();
            }
        }

        for (int i = 0; i < nearest.Count; i++)
        {
            _contacts.Wire(rows[i]).CopyTo(destination[(i * _contacts.RowSize)..]);
        }

        return nearest.Count * _contacts.RowSize;
    }

    private void Collect(ref Nearest nearest, int bucket)
    {
        int row = _contacts.FirstRow(bucket);
        for (int end = row + _contacts.Count(bucket); row < end; row++)
        {
            nearest.Offer(_contacts, row);
        }
    }

    private int NextOccupied(int from)
    {
        for (int word = from >> 6; word < _occupied.Length; word++)
        {
            ulong bits = _occupied[word];
            bits = word == from >> 6 ? bits & (ulong.MaxValue << (from & 63)) : bits;
            if (bits != 0)
            {
                return (word * 64) + BitOperations.TrailingZeroCount(bits);
            }
        }

        return -1;
    }

    /// <summary>The nearest rows so far, sorted by insertion: few at a time, compared by the first 64 bits of their distance.</summary>
    private ref struct Nearest(Span<ulong> keys, Span<int> rows, NodeId target, NodeId except)
    {
        private readonly Span<ulong> _keys = keys;
        private readonly Span<int> _rows = rows;
        private readonly ulong _target = target.Prefix64;
        private readonly ulong _except = except.Prefix64;
        private int _groupStart;

        public int Count { get; private set; }

        public readonly bool IsFull => Count == _keys.Length;

        /// <summary>What follows is farther than all that is in already.</summary>
        public void CloseGroup() => _groupStart = Count;

        public void Offer(ContactSlab contacts, int row)
        {
            ulong prefix = contacts.IdPrefix(row);
            ulong key = prefix ^ _target;
            int at = Count;
            if (at == _keys.Length)
            {
                if (at == _groupStart || key > _keys[at - 1])
                {
                    return;
                }

                at--;
            }

            if (prefix == _except && contacts.Id(row) == except)
            {
                return;
            }

            if (Count == _keys.Length && !IsNearer(contacts, key, row, at))
            {
                return;
            }

            for (; at > _groupStart && IsNearer(contacts, key, row, at - 1); at--)
            {
                _keys[at] = _keys[at - 1];
                _rows[at] = _rows[at - 1];
            }

            _keys[at] = key;
            _rows[at] = row;
            Count = Math.Min(Count + 1, _keys.Length);
        }

        private readonly bool IsNearer(ContactSlab contacts, ulong key, int row, int than) =>
            key != _keys[than]
                ? key < _keys[than]
                : NodeId.CompareDistance(target, contacts.Id(row), contacts.Id(_rows[than])) < 0;
    }
}
