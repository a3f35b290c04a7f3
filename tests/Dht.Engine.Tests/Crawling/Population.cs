using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Testing;

namespace Dht.Engine.Tests.Crawling;

/// <summary>
/// The nodes that a crawl walks through, cheap enough for thousands: every one knows, as one of Kademlia does, up to 8
/// others in each subtree beside its own, dead ones too, and hands out the 8 of them that are nearest to the target.
/// In the simulated network they are scripted nodes.
/// </summary>
internal sealed class Population
{
    private const int BucketSize = 8;
    private const uint FirstIPv4 = 0x0B000000;

    private readonly SeededRandomSource _random;
    private readonly Dictionary<Endpoint, VirtualNode> _byEndpoint = [];
    private readonly byte[] _buffer = new byte[4096];
    private readonly VirtualNode[] _sorted;
    private SimulatedNetwork? _network;

    /// <param name="nodes">Nodes that know each other; more can be added as strangers.</param>
    /// <param name="seed">Everything follows from it.</param>
    /// <param name="deadShare">Of the nodes, but for node 0.</param>
    /// <param name="ipv6Share">Of the nodes, but for node 0.</param>
    public Population(int nodes, ulong seed, double deadShare = 0, double ipv6Share = 0)
    {
        _random = new SeededRandomSource(seed);
        for (int i = 0; i < nodes; i++)
        {
            bool isIPv6 = i > 0 && Chance(ipv6Share);
            Endpoint endpoint = isIPv6
                ? Endpoint.FromIPv6(0x2001_4860_0000_0000 + (ulong)i, 1, 6881)
                : Endpoint.FromIPv4(FirstIPv4 + (uint)i, (ushort)(1024 + (i % 5000)));
            VirtualNode node = Add(endpoint, NodeId.Random(_random));
            node.IsDead = i > 0 && Chance(deadShare);
            Nodes.Add(node);
        }

        _sorted = [.. Nodes.OrderBy(static node => node.Id.Prefix64)];
    }

    public List<VirtualNode> Nodes { get; } = [];

    public Endpoint Start => Nodes[0].Endpoint;

    /// <summary>The share of exchanges that get lost.</summary>
    public double Loss { get; set; }

    /// <summary>Whether nothing reaches anybody: the line of the crawler is cut.</summary>
    public bool IsCutOff { get; set; }

    /// <summary>Sets every node's round trip: log-normal around a median.</summary>
    public void SetRoundTrips(TimeSpan median, double sigma)
    {
        foreach (VirtualNode node in Nodes)
        {
            double gauss = Math.Sqrt(-2 * Math.Log(1 - Uniform())) * Math.Cos(2 * Math.PI * Uniform());
            node.RoundTrip = median * Math.Exp(sigma * gauss);
        }
    }

    /// <summary>A node that no other knows until a trick names it.</summary>
    public VirtualNode Add(in Endpoint endpoint, in NodeId id)
    {
        var node = new VirtualNode { Endpoint = endpoint, Id = id, RoundTrip = TimeSpan.FromMilliseconds(20) };
        _byEndpoint.Add(endpoint, node);
        Place(node);
        return node;
    }

    public VirtualNode NodeAt(in Endpoint endpoint) => _byEndpoint[endpoint];

    /// <summary>Lets all of them live in a network, and those that are added later.</summary>
    public void MoveInto(SimulatedNetwork network)
    {
        _network = network;
        foreach (VirtualNode node in _byEndpoint.Values)
        {
            Place(node);
        }
    }

    public double Uniform() => (_random.NextUInt64() >> 11) * (1.0 / (1ul << 53));

    private void Place(VirtualNode node) => _network?.AddNode(new SimulatedNodeOptions
    {
        Kind = SimulatedNodeKind.Scripted,
        Endpoint = node.Endpoint,
        Node = new NodeOptions { Id = node.Id },
        Script = (_, in query, in source, _) => Answer(node, query, source),
    });

    /// <summary>An answer leaves as late as the round trip of its node, and maybe from elsewhere.</summary>
    private int Answer(VirtualNode node, in KrpcMessage query, in Endpoint asker)
    {
        if (IsCutOff)
        {
            return 0;
        }

        node.Asked++;
        node.LastWant = query.Want;
        if (node.IsDead || Chance(Loss))
        {
            return 0;
        }

        var answer = new VirtualAnswer { Id = node.Id, Target = query.Target, Asked = node.Asked };
        AddContacts(node, answer);
        node.Trick?.Invoke(answer);
        if (!answer.IsSilent)
        {
            Endpoint source = node.Endpoint.WithPort((ushort)(node.Endpoint.Port + answer.PortShift));
            _network!.Send(source, asker, Encode(answer, query.TransactionId), node.RoundTrip + answer.ExtraDelay);
        }

        return 0;
    }

    private bool Chance(double share) => share > 0 && Uniform() < share;

    private void AddContacts(VirtualNode node, VirtualAnswer answer)
    {
        NodeId target = answer.Target;
        node.Contacts ??= CreateTable(node);
        var nearest = (VirtualNode[])node.Contacts.Clone();
        Array.Sort(nearest, (left, right) => NodeId.CompareDistance(target, left.Id, right.Id));
        foreach (VirtualNode contact in nearest.AsSpan(0, Math.Min(BucketSize, nearest.Length)))
        {
            answer.Contacts.Add(new CompactNode(contact.Id, contact.Endpoint));
        }
    }

    private VirtualNode[] CreateTable(VirtualNode node)
    {
        var table = new List<VirtualNode>();
        ulong prefix = node.Id.Prefix64;
        for (int depth = 0; depth < 64; depth++)
        {
            ulong below = ulong.MaxValue >> depth;
            if (CountBetween(prefix & ~below, prefix | below, out _) <= 1)
            {
                break;
            }

            ulong flipped = prefix ^ (1ul << (63 - depth));
            int count = CountBetween(flipped & ~(below >> 1), flipped | (below >> 1), out int first);
            int offset = count > BucketSize ? _random.Next(count) : 0;
            int step = Math.Max(1, count / BucketSize);
            for (int i = 0; i < Math.Min(count, BucketSize); i++)
            {
                table.Add(_sorted[first + ((offset + (i * step)) % count)]);
            }
        }

        return [.. table];
    }

    private int CountBetween(ulong low, ulong high, out int first)
    {
        first = FirstAtLeast(low);
        return (high == ulong.MaxValue ? _sorted.Length : FirstAtLeast(high + 1)) - first;
    }

    private int FirstAtLeast(ulong prefix)
    {
        int low = 0;
        int high = _sorted.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = _sorted[middle].Id.Prefix64 < prefix ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private ReadOnlySpan<byte> Encode(VirtualAnswer answer, ReadOnlySpan<byte> transactionId)
    {
        byte[] id = transactionId.ToArray();
        id[3] ^= (byte)(answer.HasWrongTransactionId ? 1 : 0);
        var envelope = new KrpcEnvelope { Id = answer.Id, TransactionId = id, Version = "VN\0\x07"u8 };
        int length = answer.IsError
            ? KrpcReplies.WriteError(_buffer, envelope, answer.ErrorCode, "no"u8)
            : KrpcReplies.WriteNodes(_buffer, envelope, new KrpcContacts
            {
                Families = IpFamily.Both,
                Nodes = Compact(answer.Contacts, IpFamily.IPv4),
                Nodes6 = Compact(answer.Contacts, IpFamily.IPv6),
            });
        return _buffer.AsSpan(0, length);
    }

    private static byte[] Compact(List<CompactNode> contacts, IpFamily family)
    {
        var bytes = new List<byte>();
        Span<byte> one = stackalloc byte[CompactNode.SizeIPv6];
        foreach (CompactNode contact in contacts.Where(contact => contact.Endpoint.Family == family))
        {
            bytes.AddRange(one[..contact.Write(one)]);
        }

        return [.. bytes];
    }
}
