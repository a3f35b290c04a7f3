using System.Numerics;
using System.Runtime.CompilerServices;
using Dht.Engine.Identity;

namespace Dht.Engine.Routing;

/// <content>The search for the contacts nearest to a target.</content>
public abstract partial class BucketTable
{
    /// <inheritdoc/>
    /// <remarks>
    /// Let c be the number of leading bits that the target shares with us. Everything in list c shares c + 1 or more bits with
    /// the target and so is nearer than all else; then come the lists beyond c, all together; then c - 1, c - 2 and so on, each
    /// farther than the one before. So contacts are compared only within such a group, and most answers need one or two groups.
    /// </remarks>
    public int CopyClosest(in NodeId target, in NodeId except, Span<byte> destination)
    {
        int wanted = Math.Min(destination.Length / _contacts.RowSize, 64);
        Span<ulong> keys = stackalloc ulong[64];
        Span<int> rows = stackalloc int[64];
        var nearest = new Nearest(keys[..wanted], rows[..wanted], target, except);

        int own = Math.Min(Self.CommonPrefixLength(target), Lists - 1);
        if (own < BucketRules.ExtendedLists && _contacts.Count(own) >= 4 * wanted)
        {
            nearest.CollectLarge(_contacts, own);
        }
        else
        {
            nearest.Collect(_contacts, own);
        }

        nearest.CloseGroup();
        if (!nearest.IsFull)
        {
            for (int list = NextSet(_occupied, own + 1); list >= 0; list = NextSet(_occupied, list + 1))
            {
                nearest.Collect(_contacts, list);
            }

            nearest.CloseGroup();
            for (int list = own - 1; list >= 0 && !nearest.IsFull; list--)
            {
                nearest.Collect(_contacts, list);
                nearest.CloseGroup();
            }
        }

        for (int i = 0; i < nearest.Count; i++)
        {
            _contacts.CopyRow(rows[i], destination[(i * _contacts.RowSize)..]);
        }

        return nearest.Count * _contacts.RowSize;
    }

    /// <summary>The nearest rows so far, sorted by insertion: few at a time, compared by the first 64 bits of their distance.</summary>
    private ref struct Nearest(Span<ulong> keys, Span<int> rows, NodeId target, NodeId except)
    {
        private const int Chunk = 128;

        private readonly Span<ulong> _keys = keys;
        private readonly Span<int> _rows = rows;
        private readonly ulong _target = target.Prefix64;
        private readonly ulong _except = except.Prefix64;
        private int _groupStart;

        public int Count { get; private set; }

        public readonly bool IsFull => Count == _keys.Length;

        /// <summary>What follows is farther than all that is in already.</summary>
        public void CloseGroup() => _groupStart = Count;

        /// <summary>
        /// Collects a large list that shares as many bits with us as the target does. Most of it is too far to matter: those that
        /// share a few bits more with the target come first, and usually there are enough of them.
        /// </summary>
        public void CollectLarge(ContactSlab contacts, int list)
        {
            ReadOnlySpan<ulong> prefixes = contacts.Prefixes(list);
            // On average twice as many as are wanted, so that seldom too few.
            ulong near = ulong.MaxValue >> (list + BitOperations.Log2((uint)(prefixes.Length / Math.Max(1, _keys.Length))));
            Span<int> found = stackalloc int[Chunk];
            for (int start = 0; start < prefixes.Length; start += Chunk)
            {
                ReadOnlySpan<ulong> chunk = prefixes[start..Math.Min(start + Chunk, prefixes.Length)];
                int count = 0;
                for (int i = 0; i < chunk.Length; i++)
                {
                    // Without a branch, which would be guessed wrong often.
                    found[count] = i;
                    count += (chunk[i] ^ _target) <= near ? 1 : 0;
                }

                for (int i = 0; i < count; i++)
                {
                    Offer(contacts, chunk[found[i]], contacts.FirstRow(list) + start + found[i]);
                }
            }

            CloseGroup();
            for (int i = IsFull ? prefixes.Length : 0; i < prefixes.Length; i++)
            {
                if ((prefixes[i] ^ _target) > near)
                {
                    Offer(contacts, prefixes[i], contacts.FirstRow(list) + i);
                }
            }
        }

        public void Collect(ContactSlab contacts, int list)
        {
            ReadOnlySpan<ulong> prefixes = contacts.Prefixes(list);
            int first = contacts.FirstRow(list);
            for (int i = 0; i < prefixes.Length; i++)
            {
                Offer(contacts, prefixes[i], first + i);
            }
        }

        private void Offer(ContactSlab contacts, ulong prefix, int row)
        {
            ulong key = prefix ^ _target;
            if (IsFull && (Count == _groupStart || key > _keys[^1]))
            {
                return;
            }

            int at = IsFull ? Count - 1 : Count;
            if ((prefix == _except && contacts.Id(row) == except) || (IsFull && !IsNearer(contacts, key, row, at)))
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

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly bool IsNearer(ContactSlab contacts, ulong key, int row, int than) =>
            key != _keys[than]
                ? key < _keys[than]
                : NodeId.CompareDistance(target, contacts.Id(row), contacts.Id(_rows[than])) < 0;
    }
}
