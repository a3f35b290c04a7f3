using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Node;

/// <summary>
/// Bogon filter and switch: nothing is sent to loopback, private, carrier, link-local, documentation, benchmark,
/// multicast and reserved addresses, nor to port 0, unless local ones are switched on; 24fc:: is an ordinary address;
/// a bogon among the contacts of a reply is skipped, and the rest of the reply counts.
/// </summary>
public sealed class BogonFilterTests
{
    private static readonly string[] Local =
    [
        "127.0.0.0", "127.255.255.255", "10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0",
        "192.168.255.255",
        "100.64.0.0", "100.127.255.255", "169.254.0.0", "169.254.255.255", "192.0.2.0", "198.51.100.255", "203.0.113.0",
        "198.18.0.0", "198.19.255.255", "[::1]", "[fc00::]", "[fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]", "[fe80::]",
        "[febf::1]",
        "[2001:db8::1]",
    ];

    private static readonly string[] NoHost =
    [
        "0.0.0.0", "0.255.255.255", "224.0.0.0", "239.255.255.255", "240.0.0.0", "255.255.255.255", "[::]", "[ff02::1]",
        "[::ffff:127.0.0.1]",
    ];

    private static readonly string[] Ordinary =
    [
        "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
        "172.15.255.255",
        "172.32.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "[24fc::]", "[24fc::1]", "[2fe8::1]",
        "[2a00::1]",
    ];

    [Fact]
    public void NothingIsSentToBogons_UnlessLocalOnesAreSwitchedOn()
    {
        var strict = new NodeHarness(policy: AddressPolicy.Public);
        var local = new NodeHarness(policy: AddressPolicy.AllowLocal);
        foreach (string address in Local)
        {
            AssertPing(strict, address, AskResult.Forbidden);
            AssertPing(local, address, AskResult.Sent);
        }

        foreach (string address in NoHost)
        {
            AssertPing(strict, address, AskResult.Forbidden);
            AssertPing(local, address, AskResult.Forbidden);
        }

        foreach (string address in Ordinary)
        {
            AssertPing(strict, address, AskResult.Sent);
            AssertPing(local, address, AskResult.Sent);
            AssertPing(strict, address, AskResult.Forbidden, port: 0);
            AssertPing(local, address, AskResult.Forbidden, port: 0);
        }
    }

    [Fact]
    public void NobodyWithABogonForASource_IsAnswered()
    {
        var node = new NodeHarness(policy: AddressPolicy.Public);
        foreach (string address in Local.Concat(NoHost))
        {
            Assert.Equal("", node.Ask(NodeHarness.Ping, Endpoint.Parse(address + ":6881")));
        }

        Assert.True(node.AnswersPing());
    }

    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void ABogonAmongContacts_IsSkipped(IpFamily family)
    {
        var random = new SeededRandomSource(57);
        var node = new NodeHarness(new NodeOptions { LookupParallelism = 16 }, policy: AddressPolicy.Public);
        Endpoint router = TestEndpoints.Public(family, 1);
        Assert.True(node.Node.AddBootstrap(router));
        node.Advance(TimeSpan.Zero);
        string transaction = node.TakeQuery().TransactionId;
        string nodes = "";
        var good = new HashSet<Endpoint>();
        for (int i = 0; i < 3; i++)
        {
            IEnumerable<string> ofFamily = Local.Concat(NoHost)
                .Where(text => text.StartsWith('[') == (family == IpFamily.IPv6));
            foreach (string bogon in ofFamily.Skip(i * 2).Take(2))
            {
                nodes += WireText.Of(new CompactNode(NodeId.Random(random), Endpoint.Parse(bogon + ":80")));
            }

            nodes += WireText.Of(new CompactNode(NodeId.Random(random), TestEndpoints.Public(family, 50 + i, port: 0)));
            good.Add(TestEndpoints.Public(family, 100 + i));
            nodes += WireText.Of(new CompactNode(NodeId.Random(random), TestEndpoints.Public(family, 100 + i)));
        }

        node.Receive(
            NodeHarness.Pong(transaction, IdB, (family == IpFamily.IPv4 ? "5:nodes" : "6:nodes6") + Str(nodes)),
            router);
        Assert.Equal(1, node.Counters.Responses);
        Assert.Equal(good, node.Take().Select(static sent => sent.To).ToHashSet());
    }

    private static void AssertPing(NodeHarness node, string address, AskResult expected, ushort port = 6881)
    {
        Endpoint place = Endpoint.Parse(address + ":1").WithPort(port);
        AskResult result = node.Node.Ping(place, node.Now);
        Assert.True(result == expected, $"{place}: {result} instead of {expected}");
        Assert.Equal(expected == AskResult.Sent ? 1 : 0, node.Take().Count);
    }
}
