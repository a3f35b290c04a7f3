using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Tests.Krpc;
using Dht.Engine.Tests.SeedParity;

namespace Dht.Engine.Tests.Node;

/// <summary>A network around one node, each other node in a network of its own: it answers what the node asks, 50 ms later.</summary>
internal sealed class ScriptedNetwork
{
    public static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly Random _random;
    private List<(Endpoint From, byte[] Datagram)> _onTheWay = [];

    public ScriptedNetwork(int seed) => _random = new Random(seed);

    public List<CompactNode> Nodes { get; } = [];

    public HashSet<Endpoint> Dead { get; } = [];

    public double Loss { get; init; }

    /// <summary>Answers in the place of a node, or null to leave it to the usual answer.</summary>
    public Func<Endpoint, string, byte[]?>? Script { get; set; }

    /// <summary>Queries that were sent, by destination.</summary>
    public Dictionary<Endpoint, int> Asked { get; } = [];

    public List<(Endpoint To, NodeId Target)> Targets { get; } = [];

    public int Queries { get; private set; }

    public void Populate(IpFamily family, int count)
    {
        byte[] id = new byte[NodeId.Size];
        for (int i = 0; i < count; i++)
        {
            _random.NextBytes(id);
            Nodes.Add(new CompactNode(new NodeId(id), Rig.Public(family, Nodes.Count)));
        }
    }

    public void Run(NodeHarness node, TimeSpan span, Action? each = null)
    {
        for (TimeSpan done = TimeSpan.Zero; done < span; done += Step)
        {
            List<(Endpoint From, byte[] Datagram)> arriving = _onTheWay;
            _onTheWay = [];
            foreach ((Endpoint from, byte[] datagram) in arriving)
            {
                node.Receive(datagram, from);
            }

            node.Advance(Step);
            foreach ((Endpoint to, byte[] datagram) in node.Take())
            {
                Take(to, datagram);
            }

            each?.Invoke();
        }
    }

    private void Take(Endpoint to, byte[] datagram)
    {
        KrpcMessage.Parse(datagram, out KrpcMessage message);
        if (message.Kind != KrpcKind.Query)
        {
            return;
        }

        Queries++;
        Asked[to] = Asked.GetValueOrDefault(to) + 1;
        NodeId target = message.HasTarget ? message.Target : message.HasInfoHash ? message.InfoHash.AsNodeId : default;
        Targets.Add((to, target));
        string transaction = Wire.Text(message.TransactionId);
        if (Script?.Invoke(to, transaction) is { } scripted)
        {
            _onTheWay.Add((to, scripted));
            return;
        }

        int index = Nodes.FindIndex(known => known.Endpoint == to);
        if (index < 0 || Dead.Contains(to) || _random.NextDouble() < Loss)
        {
            return;
        }

        string values = message.Method == KrpcMethod.Ping ? "" : NamesOf(IpFamily.IPv4, target) + NamesOf(IpFamily.IPv6, target);
        _onTheWay.Add((to, NodeHarness.Pong(transaction, Rig.Text(Nodes[index].Id), values)));
    }

    private string NamesOf(IpFamily family, NodeId target)
    {
        var near = Nodes.Where(known => known.Endpoint.Family == family).ToList();
        near.Sort((left, right) => NodeId.CompareDistance(target, left.Id, right.Id));
        string text = string.Concat(near.Take(8).Select(known => Rig.Text(known)));
        return near.Count == 0 ? "" : (family == IpFamily.IPv4 ? "5:nodes" : "6:nodes6") + Wire.Str(text);
    }
}
