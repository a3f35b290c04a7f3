using Dht.Engine.Addressing;
using Dht.Engine.Invariants;

namespace Dht.Engine.Routing;

/// <content>What must be true of the buckets, their caches and the counts beside them.</content>
public abstract partial class BucketTable
{
    /// <summary>
    /// Walks all lists: every contact is where its id belongs, and every count and bit agrees with the rows.
    /// </summary>
    internal void CheckInvariants()
    {
        _contacts.CheckInvariants();
        _cache?.CheckInvariants();
        _sites.CheckInvariants(Count);
        _blocks.CheckInvariants(Family == IpFamily.IPv6 ? Count : 0);
        int count = 0;
        int home = 0;
        for (int list = 0; list < Lists; list++)
        {
            CheckContacts(list);
            CheckWaiting(list);
            count += _contacts.Count(list);
            home += list >= BucketCount - 1 ? _contacts.Count(list) : 0;
        }

        Invariant.Holds(count == Count, "the table counts its contacts");
        Invariant.Holds(home == _homeCount, "the table counts the contacts of the home bucket");
        Invariant.Holds(
            _rules.Splits ? BucketCount is >= 1 and <= Lists : BucketCount == Lists, "there are one to 160 buckets");
        Invariant.Holds(
            BucketCount == Lists || home <= _rules.Capacity(BucketCount - 1, _options.BucketSize),
            "a home bucket over its size has split");
    }

    private void CheckContacts(int list)
    {
        bool isOccupied = NextSet(_occupied, list) == list;
        Invariant.Holds(isOccupied == (_contacts.Count(list) > 0), "a list that holds contacts is marked, no other");
        for (int row = _contacts.FirstRow(list); row < _contacts.EndRow(list); row++)
        {
            Endpoint endpoint = _contacts.EndpointOf(row);
            int ofSite = _sites.CountOf(endpoint);
            Invariant.Holds(
                ListOf(_contacts.Id(row)) == list, "a contact is in the list of the bits it shares with us");
            Invariant.Holds(endpoint.Family == Family, "a contact is of the family of the table");
            Invariant.Holds(
                _contacts.Record(row).Failures <= _options.FailuresAllowed, "a contact that failed too often is gone");
            Invariant.Holds(ofSite > 0, "the site of a contact is counted");
            Invariant.Holds(_options.AllowSharedAddresses || ofSite == 1, "a site has one place");
            CheckShare(list, row, endpoint);
        }
    }

    /// <summary>Beside the others of its list each contact has a place, and all blocks within their shares.</summary>
    private void CheckShare(int list, int row, in Endpoint endpoint)
    {
        var share = new NetworkShare(endpoint, _rules.NetworkPlaces);
        for (int other = _contacts.FirstRow(list); other < _contacts.EndRow(list); other++)
        {
            if (other != row)
            {
                share.Count(_contacts.EndpointOf(other));
            }
        }

        Invariant.Holds(
            _options.AllowSharedAddresses || !share.IsFull, "a network has its places in a list and no more");
        Invariant.Holds(
            _options.AllowSharedAddresses
                || (_blocks.OfOrganisation(endpoint) <= NetworkShare.OfOrganisationInTable
                    && _blocks.OfProvider(endpoint) <= NetworkShare.OfProviderInTable),
            "an IPv6 block has its places in the table and no more");
    }

    private void CheckWaiting(int list)
    {
        bool isContested = NextSet(_contested, list) == list;
        Invariant.Holds(
            !isContested || (_rules.PingsBeforeEviction && _cache != null), "a contest needs a contact that can wait");
        if (_cache == null)
        {
            return;
        }

        Invariant.Holds(
            _cache.Count(list) == 0 || _contacts.IsFull(list), "contacts wait only where all places are taken");
        for (int row = _cache.FirstRow(list); row < _cache.EndRow(list); row++)
        {
            Invariant.Holds(ListOf(_cache.Id(row)) == list, "a contact waits at the list where it belongs");
            Invariant.Holds(
                !_contacts.TryFind(list, _cache.Id(row), out _), "a contact that has a place does not wait for one");
            Invariant.Holds(_cache.Record(row).Failures == 0, "a contact that waits has answered");
        }
    }
}
