using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Engine;

/// <summary>
/// find_node: the k nearest contacts by XOR and never the asker; <c>nodes</c> is there even when it is empty;
/// <c>nodes6</c> over IPv6; an id or target that is missing or of a wrong size gives error 203.
/// </summary>
public sealed class FindNodeTests
{
    [Theory]
    [InlineData("127.0.0.1:0", 8)]
    [InlineData("127.0.0.1:0", 3)]
    [InlineData("[::1]:0", 8)]
    public async Task TheNearestByXor_WithoutTheAsker(string bind, int k)
    {
        const ulong seed = 31;
        var random = new SeededRandomSource(seed);
        DhtEngineOptions options = Loopback.Options() with { Bind = Endpoint.Parse(bind) };
        await using DhtEngine engine = IdleEngine.Start(options with
        {
            Node = options.Node with { ContactsPerReply = k, AnswersPerSecondPerAddress = 0 },
        });
        IpFamily family = Endpoint.Parse(bind).Family;
        List<CompactNode> held = await engine.InvokeAsync((node, now) => FillTable(node.Table(family), random, now));
        Assert.True(held.Count > 20, $"{held.Count} contacts");
        using Socket socket = Loopback.Connect(engine);
        for (int i = 0; i < 50; i++)
        {
            NodeId target = NodeId.Random(random);
            NodeId[] byDistance = [.. held.Select(static node => node.Id).OrderBy(id => target.DistanceTo(id))];
            NodeId asker = i % 2 == 0 ? byDistance[i % k] : NodeId.Random(random);
            KrpcMessage.Parse(
                Loopback.Ask(socket, WireText.Query(asker, "find_node", $"6:target20:{WireText.Of(target)}")),
                out KrpcMessage reply);
            var found = new List<NodeId>();
            foreach (CompactNode node in family == IpFamily.IPv4 ? reply.Nodes : reply.Nodes6)
            {
                found.Add(node.Id);
                Assert.Contains(node, held);
            }

            Assert.True(
                byDistance.Where(id => id != asker).Take(k).SequenceEqual(found), $"seed {seed}, target {target}");
        }
    }

    [Fact]
    public async Task EmptyLists_StandThere()
    {
        await using DhtEngine four = Loopback.Start(Loopback.Options());
        await using DhtEngine six = Loopback.Start(Loopback.Options() with { Bind = Endpoint.Parse("[::1]:0") });
        using Socket overFour = Loopback.Connect(four);
        using Socket overSix = Loopback.Connect(six);
        byte[] plain = Query("find_node", $"6:target20:{IdB}");
        Assert.Contains("5:nodes0:", Text(Loopback.Ask(overFour, plain)), StringComparison.Ordinal);
        Assert.Contains("6:nodes60:", Text(Loopback.Ask(overSix, plain)), StringComparison.Ordinal);
        string both = Text(Loopback.Ask(overFour, Query("find_node", $"6:target20:{IdB}4:wantl2:n42:n6e")));
        Assert.Contains("5:nodes0:6:nodes60:", both, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ABadIdOrTarget_Gives203()
    {
        await using DhtEngine engine = Loopback.Start(Loopback.Options());
        using Socket socket = Loopback.Connect(engine);
        string[] arguments =
        [
            $"d6:target20:{IdB}e",
            $"d2:id19:{Fill(19)}6:target20:{IdB}e",
            $"d2:id21:{Fill(21)}6:target20:{IdB}e",
            $"d2:idi7e6:target20:{IdB}e",
            $"d2:id20:{IdA}e",
            $"d2:id20:{IdA}6:target19:{Fill(19)}e",
            $"d2:id20:{IdA}6:target21:{Fill(21)}e",
            $"d2:id20:{IdA}6:targeti7ee",
            "de",
        ];
        foreach (string each in arguments)
        {
            byte[] reply = Loopback.Ask(socket, Bytes($"d1:a{each}1:q9:find_node1:t2:aa1:y1:qe"));
            Assert.Equal(203, WireText.ErrorOf(reply).Code);
        }
    }

    private static List<CompactNode> FillTable(IRoutingTable table, SeededRandomSource random, Instant now)
    {
        var held = new List<CompactNode>();
        for (int i = 0; i < 400; i++)
        {
            var node = new CompactNode(NodeId.Random(random), TestEndpoints.Nowhere(table.Family, i));
            if (table.Insert(node.Id, node.Endpoint, now))
            {
                held.Add(node);
            }
        }

        return held;
    }
}
