using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Lookup;
using Dht.Engine.Routing;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <content>What outlives a run.</content>
public sealed partial class MainlineNode
{
    /// <summary>The most contacts of one family in a saved state.</summary>
    public const int SavedContactsMax = 256;

    private const int SavedPerLookupMax = 64;

    // From an earlier run, or lost while nobody answered. They are asked when a table is empty, and enter it when they answer.
    private readonly List<CompactNode> _saved = new(2 * SavedContactsMax);

    /// <summary>
    /// Takes contacts from an earlier run to join through, before routers are troubled; the ids in the state are for
    /// <see cref="NodeOptions"/>. Contacts beyond <see cref="SavedContactsMax"/> of a family are left out.
    /// </summary>
    public void AddSaved(NodeState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        foreach (CompactNode contact in state.Contacts)
        {
            // Of a family that this run does not reach they are kept for one that does.
            if (SavedCount(contact.Endpoint.Family) < SavedContactsMax && _outbox.Policy.Check(contact.Endpoint) == AddressVerdict.Allowed
                && IndexOfSaved(contact.Endpoint) < 0)
            {
                _saved.Add(contact);
            }
        }

        _joinDue = Instant.Zero;
        _tasks.MakeDue(NodeTasks.Join);
    }

    /// <summary>
    /// What to take along to the next run: the ids, and of each family the healthiest contacts, then those of the run before that were
    /// not found dead. Allocates.
    /// </summary>
    public NodeState CaptureState(Instant now)
    {
        var contacts = new List<CompactNode>();
        Capture(_tableIPv4, contacts, now);
        Capture(_tableIPv6, contacts, now);
        return new NodeState { IdIPv4 = _idIPv4, IdIPv6 = _idIPv6, Contacts = contacts };
    }

    private void Capture(IRoutingTable table, List<CompactNode> contacts, Instant now)
    {
        var found = new List<Contact>();
        int cursor = 0;
        while (table.TryGetNext(ref cursor, now, out Contact contact))
        {
            if (contact.Health != ContactHealth.Bad)
            {
                found.Add(contact);
            }
        }

        found.Sort(static (left, right) => left.Health != right.Health
            ? left.Health.CompareTo(right.Health)
            : right.LastAnswered.CompareTo(left.LastAnswered));
        foreach (Contact contact in found[..Math.Min(found.Count, SavedContactsMax)])
        {
            contacts.Add(new CompactNode(contact.Id, contact.Endpoint));
        }

        // A short run must not lose what a long one gathered.
        int room = SavedContactsMax - found.Count;
        foreach (CompactNode contact in _saved)
        {
            if (room > 0 && contact.Endpoint.Family == table.Family && !found.Exists(other => other.Endpoint == contact.Endpoint))
            {
                contacts.Add(contact);
                room--;
            }
        }
    }

    /// <summary>A contact that leaves its table while nobody answers is kept to join through when the network is back.</summary>
    private void KeepIfCutOff(in CompactNode contact)
    {
        if (_isCutOff && SavedCount(contact.Endpoint.Family) < SavedContactsMax && IndexOfSaved(contact.Endpoint) < 0)
        {
            _saved.Add(contact);
        }
    }

    /// <summary>
    /// A contact of an earlier run that does not answer is not kept for the next. Somebody else's id at its endpoint is what a liar says.
    /// </summary>
    private void ForgetSaved(in NodeId id, in Endpoint contact)
    {
        int index = IndexOfSaved(contact);
        if (index >= 0 && _saved[index].Id == id)
        {
            _saved.RemoveAt(index);
        }
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

    private int SavedCount(IpFamily family)
    {
        int count = 0;
        foreach (CompactNode contact in _saved)
        {
            count += contact.Endpoint.Family == family ? 1 : 0;
        }

        return count;
    }

    private void AddSaved(CandidateSet set, IpFamily family)
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
    }
}
