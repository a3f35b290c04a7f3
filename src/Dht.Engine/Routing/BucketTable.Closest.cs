using Dht.Engine.Identity;

namespace Dht.Engine.Routing;

/// <content>The search for the contacts nearest to a target.</content>
public abstract partial class BucketTable
{
    /// <inheritdoc/>
    /// <remarks>
    /// Let c be the number of leading bits that the target shares with us. Everything in list c shares c + 1 or more
    /// bits with the target and so is nearer than everything outside it; then come the lists beyond c, all together;
    /// then c - 1, c - 2 and so on, each farther than the one before. So contacts are compared only within such a
    /// group, and most answers need one or two groups.
    /// </remarks>
    public int CopyClosest(in NodeId target, in NodeId except, Span<byte> destination)
    {
        int wanted = Math.Min(destination.Length / _contacts.RowSize, NearestRows.RowsMax);
        Span<int> chosen = stackalloc int[NearestRows.RowsMax];
        Span<ulong> keys = stackalloc ulong[NearestRows.KeysMax];
        Span<int> rows = stackalloc int[NearestRows.KeysMax];
        var nearest = new NearestRows(_contacts, target, except, chosen[..wanted], keys, rows);

        int own = Math.Min(Self.CommonPrefixLength(target), Lists - 1);
        if (own < BucketRules.ExtendedLists && _contacts.Count(own) >= 4 * wanted)
        {
            nearest.GatherLarge(own);
        }
        else
        {
            nearest.Gather(own);
        }

        nearest.CloseGroup();
        if (!nearest.IsFull)
        {
            for (int list = NextSet(_occupied, own + 1); list >= 0; list = NextSet(_occupied, list + 1))
            {
                nearest.Gather(list);
            }

            nearest.CloseGroup();
            for (int list = own - 1; list >= 0 && !nearest.IsFull; list--)
            {
                nearest.Gather(list);
                nearest.CloseGroup();
            }
        }

        for (int i = 0; i < nearest.Count; i++)
        {
            _contacts.CopyRow(chosen[i], destination[(i * _contacts.RowSize)..]);
        }

        return nearest.Count * _contacts.RowSize;
    }
}
