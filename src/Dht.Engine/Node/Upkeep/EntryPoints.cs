using System.Runtime.InteropServices;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Lookup;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;

namespace Dht.Engine.Node;

/// <summary>
/// The nodes through which a node without contacts joins: routers, bootstrap nodes, and contacts of an earlier run or
/// of a time before the network was away.
/// </summary>
internal sealed partial class EntryPoints
{
    private const int SavedPerLookupMax = 64;

    private readonly List<Endpoint> _routers = new(NodeOptions.EntriesMax);
    private readonly List<Endpoint> _bootstrap = new(NodeOptions.EntriesMax);
    private readonly List<CompactNode> _saved = new(2 * NodeState.ContactsMax);
    private readonly Outbox _outbox;
    private readonly IRandomSource _random;
    private readonly Action _joinSoon;

    /// <param name="outbox">
    /// Where queries to them go: it knows the families that are reached, and the address policy.
    /// </param>
    /// <param name="random">For the order in which saved contacts are asked.</param>
    /// <param name="joinSoon">Called when a new node can be asked.</param>
    public EntryPoints(Outbox outbox, IRandomSource random, Action joinSoon)
    {
        _outbox = outbox;
        _random = random;
        _joinSoon = joinSoon;
    }

    /// <summary>All that can be asked.</summary>
    public int Count =>
        _routers.Count + _bootstrap.Count + ReachedSavedCount(IpFamily.IPv4) + ReachedSavedCount(IpFamily.IPv6);

    /// <summary>Contacts to save for the next run, from the one before; they were not found dead.</summary>
    public ReadOnlySpan<CompactNode> Saved => CollectionsMarshal.AsSpan(_saved);

    /// <summary>Takes a router.</summary>
    /// <returns>Whether it is known now.</returns>
    public bool AddRouter(in Endpoint router) => Add(_routers, router);

    /// <summary>Takes a bootstrap node.</summary>
    /// <returns>Whether it is known now.</returns>
    public bool AddBootstrap(in Endpoint node) => Add(_bootstrap, node);

    /// <summary>Forgets a router or a bootstrap node: its name stands for another address by now.</summary>
    /// <returns>Whether it was known.</returns>
    public bool Remove(in Endpoint entry) => _bootstrap.Remove(entry) | _routers.Remove(entry);

    /// <summary>Takes the contacts of an earlier run; those beyond the bound of a family are left out.</summary>
    public void Keep(NodeState state)
    {
        foreach (CompactNode contact in state.Contacts)
        {
            if (_outbox.Policy.Check(contact.Endpoint) == AddressVerdict.Allowed)
            {
                Keep(contact);
            }
        }

        _joinSoon();
    }

    /// <summary>
    /// Takes a contact of an earlier run, or one that was lost while no node answered. Those of a family that this run
    /// does not reach are kept for one that does.
    /// </summary>
    public void Keep(in CompactNode contact)
    {
        if (SavedCount(contact.Endpoint.Family) < NodeState.ContactsMax && IndexOfSaved(contact.Endpoint) < 0)
        {
            _saved.Add(contact);
        }
    }

    /// <summary>
    /// Forgets a saved contact that did not answer. Another id at its endpoint is what a liar says.
    /// </summary>
    public void Forget(in NodeId id, in Endpoint contact)
    {
        int index = IndexOfSaved(contact);
        if (index >= 0 && _saved[index].Id == id)
        {
            _saved.RemoveAt(index);
        }
    }

    public bool IsRouter(in Endpoint endpoint) => _routers.Count > 0 && _routers.Contains(endpoint);

    /// <summary>Whether there is any node of a family.</summary>
    public bool HasAny(IpFamily family) =>
        HasAny(_bootstrap, family) || HasAny(_routers, family) || SavedCount(family) > 0;

    /// <summary>Puts routers of a family into a set.</summary>
    public void SeedRouters(CandidateSet set, IpFamily family) => Seed(set, _routers, family);

    /// <summary>Puts saved contacts and bootstrap nodes of a family into a set.</summary>
    public void SeedKnown(CandidateSet set, IpFamily family)
    {
        // A set has room for some of them only, so each join begins elsewhere.
        int first = _saved.Count == 0 ? 0 : (int)(_random.NextUInt32() % (uint)_saved.Count);
        for (int i = 0; i < _saved.Count && set.Count < SavedPerLookupMax; i++)
        {
            CompactNode contact = _saved[(first + i) % _saved.Count];
            if (contact.Endpoint.Family == family)
            {
                set.Add(contact.Id, contact.Endpoint);
            }
        }

        Seed(set, _bootstrap, family);
    }

    private bool Add(List<Endpoint> entries, in Endpoint entry)
    {
        if (entries.Contains(entry))
        {
            return true;
        }

        if (_routers.Count + _bootstrap.Count == NodeOptions.EntriesMax)
        {
            return false;
        }

        entries.Add(entry);
        _joinSoon();
        return true;
    }

    private static void Seed(CandidateSet set, List<Endpoint> entries, IpFamily family)
    {
        foreach (Endpoint entry in entries)
        {
            if (entry.Family == family)
            {
                set.AddEntry(entry);
            }
        }
    }

    private static bool HasAny(List<Endpoint> entries, IpFamily family)
    {
        foreach (Endpoint entry in entries)
        {
            if (entry.Family == family)
            {
                return true;
            }
        }

        return false;
    }

    private int IndexOfSaved(in Endpoint endpoint)
    {
        for (int i = 0; i < _saved.Count; i++)
        {
            if (_saved[i].Endpoint == endpoint)
            {
                return i;
            }
        }

        return -1;
    }

    private int ReachedSavedCount(IpFamily family) => _outbox.Reaches(family) ? SavedCount(family) : 0;

    private int SavedCount(IpFamily family)
    {
        int count = 0;
        foreach (CompactNode contact in _saved)
        {
            count += contact.Endpoint.Family == family ? 1 : 0;
        }

        return count;
    }
}
