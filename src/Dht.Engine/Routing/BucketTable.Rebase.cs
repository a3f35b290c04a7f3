using System.Runtime.InteropServices;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Routing;

/// <content>The move to another id of ours.</content>
public abstract partial class BucketTable
{
    /// <inheritdoc/>
    /// <remarks>
    /// Contacts of the cache take places that are left, and are reported as found. Every bucket then wants a refresh at
    /// once.
    /// </remarks>
    public void Rebase(in NodeId self, Instant now)
    {
        if (self == Self)
        {
            return;
        }

        var movers = new List<Mover>(Count);
        Gather(_contacts, wasHeld: true, now, movers);
        if (_cache != null)
        {
            Gather(_cache, wasHeld: false, now, movers);
        }

        movers.Sort(Compare);
        Self = self;
        Clear(now);
        Span<Mover> all = CollectionsMarshal.AsSpan(movers);
        foreach (ref Mover mover in all)
        {
            mover.IsHeld = TryPlace(mover);
        }

        // The best last: what entered a cache last leaves it first.
        for (int i = all.Length - 1; i >= 0; i--)
        {
            LetWait(all[i]);
        }

        Tell(all);
    }

    // Contacts before those that waited, then the healthier, then the later to answer; the id decides what is left,
    // so that the outcome does not depend on the order in the table.
    private static int Compare(Mover left, Mover right)
    {
        int order = right.WasHeld.CompareTo(left.WasHeld);
        order = order != 0 ? order : left.Health.CompareTo(right.Health);
        order = order != 0 ? order : right.Record.AnsweredAt.CompareTo(left.Record.AnsweredAt);
        return order != 0 ? order : NodeId.CompareDistance(default, left.Contact.Id, right.Contact.Id);
    }

    private void Gather(ContactSlab slab, bool wasHeld, Instant now, List<Mover> movers)
    {
        for (int list = 0; list < Lists; list++)
        {
            for (int row = slab.FirstRow(list); row < slab.EndRow(list); row++)
            {
                ContactRecord record = slab.Record(row);
                movers.Add(new Mover(slab.Contact(row), record, record.HealthAt(now, _options.StaleAfter), wasHeld));
            }
        }
    }

    private void Clear(Instant now)
    {
        for (int list = NextSet(_occupied, 0); list >= 0; list = NextSet(_occupied, list + 1))
        {
            for (int row = _contacts.FirstRow(list); row < _contacts.EndRow(list); row++)
            {
                RemoveSource(_contacts.EndpointOf(row));
            }
        }

        _contacts.Clear();
        _cache?.Clear();
        _occupied.AsSpan().Clear();
        _contested.AsSpan().Clear();
        _searched.AsSpan().Clear();
        Count = 0;
        _homeCount = 0;
        BucketCount = _rules.Splits ? 1 : Lists;
    }

    private bool TryPlace(in Mover mover)
    {
        int list = ListOf(mover.Contact.Id);
        if (list < 0 || _contacts.IsFull(list) || _contacts.TryFind(list, mover.Contact.Id, out _)
            || IsCrowded(list, mover.Contact.Endpoint))
        {
            return false;
        }

        Append(list, mover.Contact.Id, mover.Contact.Endpoint, mover.Record);
        return true;
    }

    private void LetWait(in Mover mover)
    {
        int list = ListOf(mover.Contact.Id);
        if (!mover.IsHeld && list >= 0 && mover.Record.Failures == 0 && _contacts.IsFull(list)
            && !_contacts.TryFind(list, mover.Contact.Id, out _) && !IsSiteTaken(mover.Contact.Endpoint))
        {
            KeepInCache(list, mover.Contact.Id, mover.Contact.Endpoint, mover.Record.AnsweredAt);
        }
    }

    private void Tell(ReadOnlySpan<Mover> movers)
    {
        foreach (ref readonly Mover mover in movers)
        {
            if (mover.WasHeld && !mover.IsHeld)
            {
                Listener?.OnContactLost(mover.Contact);
            }
        }

        foreach (ref readonly Mover mover in movers)
        {
            if (!mover.WasHeld && mover.IsHeld)
            {
                Listener?.OnContactFound(mover.Contact);
            }
        }
    }

    private struct Mover(CompactNode contact, ContactRecord record, ContactHealth health, bool wasHeld)
    {
        public readonly CompactNode Contact = contact;
        public readonly ContactRecord Record = record;
        public readonly ContactHealth Health = health;
        public readonly bool WasHeld = wasHeld;
        public bool IsHeld;
    }
}
