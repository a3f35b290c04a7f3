using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Samples;

/// <summary>Routing tables: the built-in ones, and one's own.</summary>
internal static class TableSample
{
    public static NodeOptions[] BuiltIn(string name)
    {
        // sample: built-in tables
        var byEnum = new NodeOptions { TableKind = RoutingTableKind.Mainline };
        var byName = new NodeOptions { TableKind = RoutingTables.ParseKind(name) };
        var larger = new NodeOptions { Table = new RoutingTableOptions { BucketSize = 16, CacheSize = 0 } };
        // end
        return [byEnum, byName, larger];
    }

    public static async Task<(IRoutingTable Table, QueryStatus Status)> Own(DhtEngineOptions options, Endpoint other)
    {
        // sample: own table
        var table = new FlatTable(IpFamily.IPv4, capacity: 200);
        await using var engine = new DhtEngine(table, options);
        engine.Start();
        PingResult ping = await engine.PingAsync(other);
        // end
        return (table, ping.Status);
    }

    // sample: flat table
    private sealed class FlatTable(IpFamily family, int capacity) : IRoutingTable
    {
        private readonly List<Contact> _contacts = [];

        public NodeId Self { get; private set; }

        public IpFamily Family => family;

        public int Count => _contacts.Count;

        public IContactListener? Listener { get; set; }

        public bool Wants(in NodeId id, in Endpoint endpoint) => _contacts.Count < capacity && IndexOf(id) < 0;

        public bool Insert(in NodeId id, in Endpoint endpoint, Instant now)
        {
            var contact = new Contact(id, endpoint, ContactHealth.Good, now);
            int index = IndexOf(id);
            if (index >= 0)
            {
                bool isSame = _contacts[index].Endpoint == endpoint;
                _contacts[index] = isSame ? contact : _contacts[index];
                return isSame;
            }

            if (_contacts.Count == capacity)
            {
                return false;
            }

            _contacts.Add(contact);
            Listener?.OnContactFound(new CompactNode(id, endpoint));
            return true;
        }

        public void MarkFailed(in NodeId id, in Endpoint endpoint)
        {
            int index = IndexOf(id);
            if (index >= 0 && _contacts[index].Endpoint == endpoint)
            {
                _contacts.RemoveAt(index);
                Listener?.OnContactLost(new CompactNode(id, endpoint));
            }
        }

        public void MarkHeard(in NodeId id, in Endpoint endpoint, Instant now)
        {
            // A query can be forged; this table believes only answers.
        }

        public int CopyClosest(in NodeId target, in NodeId except, Span<byte> destination)
        {
            // Sorting allocates a delegate for each query; a table for many queries does without.
            NodeId centre = target;
            _contacts.Sort((left, right) => NodeId.CompareDistance(centre, left.Id, right.Id));
            int written = 0;
            foreach (Contact contact in _contacts)
            {
                if (contact.Id != except && destination.Length - written >= CompactNode.SizeOf(family))
                {
                    written += new CompactNode(contact.Id, contact.Endpoint).Write(destination[written..]);
                }
            }

            return written;
        }

        public bool TryGetNext(ref int cursor, Instant now, out Contact contact)
        {
            bool isThere = cursor < _contacts.Count;
            contact = isThere ? _contacts[cursor++] : default;
            return isThere;
        }

        public bool TryGetRefreshTarget(Instant now, IRandomSource random, out NodeId target)
        {
            target = default;
            return false;
        }

        public bool TryGetStale(Instant now, out CompactNode contact)
        {
            int index = _contacts.FindIndex(known => now - known.LastAnswered > TimeSpan.FromMinutes(15));
            contact = index < 0 ? default : new CompactNode(_contacts[index].Id, _contacts[index].Endpoint);
            return index >= 0;
        }

        public void Rebase(in NodeId self, Instant now) => Self = self;

        private int IndexOf(NodeId id) => _contacts.FindIndex(contact => contact.Id == id);
    }
    // end
}
