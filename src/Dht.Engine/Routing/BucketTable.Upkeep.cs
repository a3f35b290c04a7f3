using System.Numerics;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Timing;

namespace Dht.Engine.Routing;

/// <content>What keeps a table fresh, and the walk over all contacts.</content>
public abstract partial class BucketTable
{
    // A cursor is a list and a place in it. The largest list has 64 x 16 contacts.
    private const int PlaceBits = 11;

    /// <inheritdoc/>
    public bool TryGetNext(ref int cursor, Instant now, out Contact contact)
    {
        contact = default;
        if (cursor is < 0 or >= Lists << PlaceBits)
        {
            return false;
        }

        int list = cursor >> PlaceBits;
        int place = cursor & ((1 << PlaceBits) - 1);
        if (place >= _contacts.Count(list))
        {
            place = 0;
            list = NextSet(_occupied, list + 1);
        }

        if (list < 0)
        {
            cursor = Lists << PlaceBits;
            return false;
        }

        int row = _contacts.FirstRow(list) + place;
        ref ContactRecord record = ref _contacts.Record(row);
        CompactNode node = _contacts.Contact(row);
        contact = new Contact(node.Id, node.Endpoint, record.HealthAt(now, _options.StaleAfter), record.AnsweredAt);
        cursor = (list << PlaceBits) + place + 1;
        return true;
    }

    /// <inheritdoc/>
    public bool TryGetRefreshTarget(Instant now, IRandomSource random, out NodeId target)
    {
        // Up to one beyond the deepest that holds anything: that is where a nearer neighbour would appear.
        int end = Count == 0 ? 0 : Math.Min(Lists, DeepestList() + 2);
        for (int list = 0; list < end; list++)
        {
            if (!_searched[list] || now - _refreshedAt[list] >= _options.StaleAfter)
            {
                _searched[list] = true;
                _refreshedAt[list] = now;
                target = Self.RandomWithCommonPrefix(list, random);
                return true;
            }
        }

        target = default;
        return false;
    }

    /// <inheritdoc/>
    public bool TryGetStale(Instant now, out CompactNode contact)
    {
        if (!TryFindContested(now, out int row) && !TryFindSilent(now, out row))
        {
            contact = default;
            return false;
        }

        _contacts.Record(row).NoteOffer(now);
        contact = _contacts.Contact(row);
        return true;
    }

    /// <inheritdoc/>
    public bool TryGetRival(in NodeId id, in Endpoint endpoint, Instant now, out CompactNode rival)
    {
        rival = default;
        if (endpoint.Family != Family || !IsSiteTaken(endpoint))
        {
            return false;
        }

        for (int list = NextSet(_occupied, 0); list >= 0; list = NextSet(_occupied, list + 1))
        {
            if (_contacts.TryFindSite(list, endpoint, out int row))
            {
                // One that is well is asked rarely: two nodes behind one address may both live on, and the newcomer may
                // be forged.
                rival = _contacts.Contact(row);
                return (rival.Id != id || rival.Endpoint != endpoint)
                    && now - _contacts.Record(row).AnsweredAt >= RivalAfter;
            }
        }

        return false;
    }

    private bool TryFindSilent(Instant now, out int row)
    {
        for (int list = NextSet(_occupied, 0); list >= 0; list = NextSet(_occupied, list + 1))
        {
            for (row = _contacts.FirstRow(list); row < _contacts.EndRow(list); row++)
            {
                ref ContactRecord record = ref _contacts.Record(row);
                TimeSpan patience = record.Failures > 0 ? RetryAfter : _options.StaleAfter;
                if (now - record.NoticedAt >= patience)
                {
                    return true;
                }
            }
        }

        row = -1;
        return false;
    }

    private int DeepestList()
    {
        for (int word = _occupied.Length - 1; word >= 0; word--)
        {
            if (_occupied[word] != 0)
            {
                return (word * 64) + 63 - BitOperations.LeadingZeroCount(_occupied[word]);
            }
        }

        return -1;
    }
}
