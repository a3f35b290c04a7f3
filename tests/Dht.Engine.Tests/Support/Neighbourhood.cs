using System.Collections;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Testing;

namespace Dht.Engine.Tests.Support;

/// <summary>The neighbours of a <see cref="World"/>, and who of them knows whom.</summary>
internal sealed class Neighbourhood : IReadOnlyList<Neighbour>
{
    private const int BucketSize = 8;

    private readonly List<Neighbour> _all = [];
    private readonly WorldOptions _options;
    private readonly SimulatedNetwork _network;
    private readonly SimulatedScript _script;

    public Neighbourhood(WorldOptions options, SimulatedNetwork network, SimulatedScript script)
    {
        _options = options;
        _network = network;
        _script = script;
        Populate();
    }

    public int Count => _all.Count;

    public Neighbour this[int index] => _all[index];

    /// <summary>Adds a neighbour at an endpoint; without an id it takes a random one, or one that fits.</summary>
    public Neighbour Add(Endpoint endpoint, NodeId? id = null)
    {
        id ??= _options.HasSecureIds ? SecureNodeId.Derive(endpoint, _network.Random) : NodeId.Random(_network.Random);
        var neighbour = new Neighbour(_network.AddNode(new SimulatedNodeOptions
        {
            Kind = SimulatedNodeKind.Scripted,
            Script = _script,
            Endpoint = endpoint,
            Families = endpoint.Family,
            Node = new NodeOptions { Id = id },
        }));
        _all.Add(neighbour);
        return neighbour;
    }

    /// <summary>Lets all die, or live again.</summary>
    public void SetAllDead(bool areDead) => _all.ForEach(neighbour => neighbour.IsDead = areDead);

    /// <summary>Indices of the neighbours of a family that are nearest to a target, nearest first.</summary>
    public int Nearest(in NodeId target, IpFamily family, bool liveOnly, Span<int> found, int knownTo = -1)
    {
        int count = 0;
        int[]? table = knownTo < 0 ? null : _all[knownTo].Table;
        int candidates = table?.Length ?? _all.Count;
        for (int candidate = 0; candidate < candidates; candidate++)
        {
            int i = table == null ? candidate : table[candidate];
            Neighbour neighbour = _all[i];
            if (neighbour.Family != family || (liveOnly && neighbour.IsDead) || i == knownTo)
            {
                continue;
            }

            int place = count;
            while (place > 0 && NodeId.CompareDistance(target, neighbour.Id, _all[found[place - 1]].Id) < 0)
            {
                place--;
            }

            if (place < found.Length)
            {
                count = Math.Min(count + 1, found.Length);
                found[place..(count - 1)].CopyTo(found[(place + 1)..]);
                found[place] = i;
            }
        }

        return count;
    }

    public IEnumerator<Neighbour> GetEnumerator() => _all.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void Populate()
    {
        for (int i = 0; i < _options.IPv4Count + _options.IPv6Count; i++)
        {
            int host = i / _options.PerAddress;
            var port = (ushort)(1000 + (i % _options.PerAddress));
            Neighbour added = Add(i < _options.IPv4Count
                ? TestEndpoints.Public(IpFamily.IPv4, host, port)
                : TestEndpoints.Public(IpFamily.IPv6, host, port));
            added.IsDead = World.Chance(_network.Random, _options.DeadShare);
        }

        if (_options.HasTables)
        {
            FillTables();
        }
    }

    private void FillTables()
    {
        int[] order = [.. Enumerable.Range(0, _all.Count)];
        for (int i = 0; i < _all.Count; i++)
        {
            int[] room = new int[2 * NodeId.Bits];
            Array.Fill(room, BucketSize);
            for (int k = order.Length - 1; k > 0; k--)
            {
                int other = _network.Random.Next(k + 1);
                (order[k], order[other]) = (order[other], order[k]);
            }

            NodeId id = _all[i].Id;
            _all[i].Table = [.. order.Where(other => other != i && room[BucketOf(id, _all[other])]-- > 0)];
        }
    }

    private static int BucketOf(NodeId id, Neighbour other) =>
        (other.Family == IpFamily.IPv6 ? NodeId.Bits : 0) + id.CommonPrefixLength(other.Id);
}
