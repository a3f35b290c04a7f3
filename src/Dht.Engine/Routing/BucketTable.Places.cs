using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Routing;

/// <content>Who may have a place, who gives way, and who waits.</content>
public abstract partial class BucketTable
{
    private bool IsCrowded(int list, in Endpoint endpoint) => IsSiteTaken(endpoint) || IsNetworkFull(list, endpoint);

    private bool IsSiteTaken(in Endpoint endpoint) => !_options.AllowSharedAddresses && _sites.CountOf(endpoint) > 0;

    /// <summary>
    /// Whether a network, or an IPv6 block around it, has all the places that it may have in the bucket of a list or in
    /// the whole table. The home bucket counts as one: ids close to ours cost nothing, and each of the empty lists
    /// there would give a network more places.
    /// </summary>
    private bool IsNetworkFull(int list, in Endpoint endpoint)
    {
        if (_options.AllowSharedAddresses)
        {
            return false;
        }

        if (_blocks.OfOrganisation(endpoint) >= NetworkShare.OfOrganisationInTable
            || _blocks.OfProvider(endpoint) >= NetworkShare.OfProviderInTable)
        {
            return true;
        }

        var share = new NetworkShare(endpoint, _rules.NetworkPlaces);
        int home = _rules.Splits ? BucketCount - 1 : FirstListWithRoom(list);
        if (list < home)
        {
            _contacts.CountShare(list, ref share);
            return share.IsFull;
        }

        for (int i = NextSet(_occupied, home); i >= 0 && !share.IsFull; i = NextSet(_occupied, i + 1))
        {
            _contacts.CountShare(i, ref share);
        }

        return share.IsFull;
    }

    /// <summary>
    /// Where the home bucket would begin in a table that splits it: all lists before are full. At most the one after
    /// <paramref name="last"/>, because a question about that list needs no more.
    /// </summary>
    private int FirstListWithRoom(int last)
    {
        int list = 0;
        while (list <= last && _contacts.IsFull(list))
        {
            list++;
        }

        return list;
    }

    private bool IsCrowdedInCache(ContactSlab cache, int list, in Endpoint endpoint)
    {
        if (_options.AllowSharedAddresses)
        {
            return false;
        }

        var share = new NetworkShare(endpoint, _rules.NetworkPlaces);
        cache.CountShare(list, ref share);
        return share.IsFull || cache.TryFindSite(list, endpoint, out _);
    }

    /// <summary>Finds the contact with the most failures among those that give way to a newcomer at once.</summary>
    private bool TryFindFailed(int list, out int worst)
    {
        worst = -1;
        int most = _rules.PingsBeforeEviction ? 1 : 0;
        for (int row = _contacts.FirstRow(list); row < _contacts.EndRow(list); row++)
        {
            int failures = _contacts.Record(row).Failures;
            if (failures > most)
            {
                most = failures;
                worst = row;
            }
        }

        return worst >= 0;
    }

    private void KeepInCache(int list, in NodeId id, in Endpoint endpoint, Instant answeredAt)
    {
        if (_cache == null)
        {
            return;
        }

        ForgetInCache(list, id);
        if (IsCrowdedInCache(_cache, list, endpoint))
        {
            return;
        }

        if (_cache.IsFull(list))
        {
            _cache.RemoveAt(list, _cache.FirstRow(list));
        }

        _cache.Append(list, id, endpoint, ContactRecord.Answered(answeredAt));
    }

    private void ForgetInCache(int list, in NodeId id)
    {
        if (_cache != null && _cache.TryFind(list, id, out int row))
        {
            _cache.RemoveAt(list, row);
        }
    }

    private void ForgetSiteInCache(int list, in Endpoint endpoint)
    {
        if (_cache != null && !_options.AllowSharedAddresses && _cache.TryFindSite(list, endpoint, out int row))
        {
            _cache.RemoveAt(list, row);
        }
    }

    private bool TryPromoteFromCache(int list, out CompactNode promoted)
    {
        while (_cache != null && _cache.Count(list) > 0)
        {
            int newest = _cache.EndRow(list) - 1;
            promoted = _cache.Contact(newest);
            ContactRecord record = _cache.Record(newest);
            _cache.RemoveAt(list, newest);
            if (!IsCrowded(list, promoted.Endpoint))
            {
                Append(list, promoted.Id, promoted.Endpoint, record);
                return true;
            }
        }

        promoted = default;
        return false;
    }

    /// <summary>
    /// Notes that a contact waits for a place in a list: its questionable contacts are to be pinged before others.
    /// </summary>
    private void Contest(int list)
    {
        if (_rules.PingsBeforeEviction && _cache != null)
        {
            Set(_contested, list);
        }
    }

    /// <summary>
    /// BEP 5: while a newcomer waits, the questionable contacts of a full bucket are pinged one after the other, the
    /// longest silent first, until one is dead or all are good. One that left a ping unanswered gets another before
    /// it loses its place.
    /// </summary>
    private bool TryFindContested(Instant now, out int row)
    {
        for (int list = NextSet(_contested, 0); list >= 0; list = NextSet(_contested, list + 1))
        {
            if (!_contacts.IsFull(list) || _cache!.Count(list) == 0 || !TryFindLongestSilent(list, now, out row))
            {
                Unset(_contested, list);
                continue;
            }

            ref ContactRecord record = ref _contacts.Record(row);
            if (!record.IsOffered || now - record.NoticedAt >= RetryAfter)
            {
                return true;
            }
        }

        row = -1;
        return false;
    }

    private bool TryFindLongestSilent(int list, Instant now, out int longest)
    {
        longest = -1;
        for (int row = _contacts.FirstRow(list); row < _contacts.EndRow(list); row++)
        {
            ref ContactRecord record = ref _contacts.Record(row);
            if (record.HealthAt(now, _options.StaleAfter) != ContactHealth.Good
                && (longest < 0 || record.AnsweredAt < _contacts.Record(longest).AnsweredAt))
            {
                longest = row;
            }
        }

        return longest >= 0;
    }
}
