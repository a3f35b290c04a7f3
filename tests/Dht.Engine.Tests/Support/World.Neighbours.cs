using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Testing;

namespace Dht.Engine.Tests.Support;

/// <content>Who lives around the node, and who knows whom.</content>
internal sealed partial class World
{
    public List<Neighbour> Neighbours { get; } = [];

    /// <summary>Adds a neighbour at an endpoint; without an id it takes a random one, or one that fits.</summary>
    public Neighbour Add(Endpoint endpoint, NodeId? id = null)
    {
        id ??= _options.HasSecureIds ? SecureNodeId.Derive(endpoint, Random) : NodeId.Random(Random);
        var neighbour = new Neighbour(Network.AddNode(new SimulatedNodeOptions
        {
            Kind = SimulatedNodeKind.Scripted,
            Script = _script,
            Endpoint = endpoint,
            Families = endpoint.Family,
            Node = new NodeOptions { Id = id },
        }));
        Neighbours.Add(neighbour);
        return neighbour;
    }

    /// <summary>Lets all die, or live again.</summary>
    public void SetAllDead(bool areDead) => Neighbours.ForEach(neighbour => neighbour.IsDead = areDead);

    /// <summary>Makes a neighbour known the honest way: it asks, is pinged, and answers.</summary>
    public void Introduce(Neighbour neighbour)
    {
        Span<byte> query = stackalloc byte[256];
        var envelope = new KrpcEnvelope { Id = neighbour.Id, TransactionId = "aa"u8 };
        int length = KrpcQueries.WritePing(query, envelope);
        neighbour.Node.Send(Self.EndpointOf(neighbour.Family), query[..length]);
        Run(_options.LatencyMax * 2);
    }

    /// <summary>Indices of the neighbours of a family that are nearest to a target, nearest first.</summary>
    public int Nearest(in NodeId target, IpFamily family, bool liveOnly, Span<int> found, int knownTo = -1)
    {
        int count = 0;
        int[]? table = knownTo < 0 ? null : Neighbours[knownTo].Table;
        int candidates = table?.Length ?? Neighbours.Count;
        for (int candidate = 0; candidate < candidates; candidate++)
        {
            int i = table == null ? candidate : table[candidate];
            Neighbour neighbour = Neighbours[i];
            if (neighbour.Family != family || (liveOnly && neighbour.IsDead) || i == knownTo)
            {
                continue;
            }

            int place = count;
            while (place > 0 && NodeId.CompareDistance(target, neighbour.Id, Neighbours[found[place - 1]].Id) < 0)
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

    private void Populate()
    {
        for (int i = 0; i < _options.IPv4Count + _options.IPv6Count; i++)
        {
            int host = i / _options.PerAddress;
            var port = (ushort)(1000 + (i % _options.PerAddress));
            Neighbour added = Add(i < _options.IPv4Count
                ? TestEndpoints.Public(IpFamily.IPv4, host, port)
                : TestEndpoints.Public(IpFamily.IPv6, host, port));
            added.IsDead = Chance(_options.DeadShare);
        }

        if (_options.HasTables)
        {
            FillTables();
        }
    }

    private void FillTables()
    {
        int[] order = [.. Enumerable.Range(0, Neighbours.Count)];
        for (int i = 0; i < Neighbours.Count; i++)
        {
            int[] room = new int[2 * NodeId.Bits];
            Array.Fill(room, K);
            for (int k = order.Length - 1; k > 0; k--)
            {
                int other = Random.Next(k + 1);
                (order[k], order[other]) = (order[other], order[k]);
            }

            NodeId id = Neighbours[i].Id;
            Neighbours[i].Table = [.. order.Where(other => other != i && room[BucketOf(id, Neighbours[other])]-- > 0)];
        }
    }

    private static int BucketOf(NodeId id, Neighbour other) =>
        (other.Family == IpFamily.IPv6 ? NodeId.Bits : 0) + id.CommonPrefixLength(other.Id);

    private void Acquaint(IpFamily family, int count)
    {
        int first = family == IpFamily.IPv4 ? 0 : _options.IPv4Count;
        for (int i = 0; i < _options.Known && count > 0; i++)
        {
            Neighbour known = Neighbours[first + Random.Next(count)];
            Node.Table(family).Insert(known.Id, known.Endpoint, Now);
        }
    }

    private bool Chance(double share) => share > 0 && Random.Next(1_000_000) < share * 1_000_000;
}
