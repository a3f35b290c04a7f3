using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Hostile;

/// <summary>Who would enter the table, and what forged queries under its address do about it.</summary>
public sealed class NewcomerTests
{
    /// <summary>
    /// One forged packet a second under the address and port of a newcomer: the ping that it causes goes to the
    /// newcomer, whose answer proves the newcomer's own id.
    /// </summary>
    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void ForgedQueriesOfANewcomer_DoNotKeepItOut(IpFamily family)
    {
        var node = new NodeHarness();
        var random = new SeededRandomSource(8);
        Endpoint newcomer = TestEndpoints.Public(family, 1);
        NodeId id = node.Node.IdOf(family).RandomWithCommonPrefix(3, random);
        int until = 0;
        for (int second = 1; second <= 60 && until == 0; second++)
        {
            node.Advance(TimeSpan.FromSeconds(1));
            node.Receive(PingOf(Wanted(node, family, random)), newcomer);
            Answer(node, newcomer, id);
            until = node.Node.ContactCount > 0 ? second : 0;
        }

        Assert.InRange(until, 1, 2);
        Assert.Equal(id, Assert.Single(ContactsOf(node, family)).Id);
    }

    /// <summary>A node that restarts has another id, and perhaps another port; it need not wait for a minute.</summary>
    [Theory]
    [InlineData(IpFamily.IPv4, false)]
    [InlineData(IpFamily.IPv4, true)]
    [InlineData(IpFamily.IPv6, false)]
    [InlineData(IpFamily.IPv6, true)]
    public void ANodeThatRestarts_IsLetInAtOnce(IpFamily family, bool underAnotherPort)
    {
        var node = new NodeHarness();
        var random = new SeededRandomSource(9);
        Endpoint before = TestEndpoints.Public(family, 1);
        Endpoint after = underAnotherPort ? before.WithPort(7000) : before;
        NodeId old = node.Node.IdOf(family).RandomWithCommonPrefix(3, random);
        NodeId renewed = node.Node.IdOf(family).RandomWithCommonPrefix(5, random);
        node.Introduce(old, before);
        Assert.Equal(old, Assert.Single(ContactsOf(node, family)).Id);

        // It asks every few seconds, as it does while it joins, and what was at the old place no longer answers.
        for (int second = 0; second < 30; second += 5)
        {
            node.Advance(TimeSpan.FromSeconds(5));
            node.Receive(PingOf(renewed), after);
            Answer(node, after, renewed);
        }

        Assert.Equal(new CompactNode(renewed, after), Assert.Single(ContactsOf(node, family)));
    }

    /// <summary>
    /// But whoever answers only under its old address keeps its place: a query under its address and another id or port
    /// proves nothing.
    /// </summary>
    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void ForgedQueriesOfAContact_DoNotCostItItsPlace(IpFamily family)
    {
        var node = new NodeHarness();
        var random = new SeededRandomSource(10);
        Endpoint contact = TestEndpoints.Public(family, 1);
        NodeId id = node.Node.IdOf(family).RandomWithCommonPrefix(3, random);
        node.Introduce(id, contact);
        int pings = 0;
        for (int second = 0; second < 120; second++)
        {
            node.Advance(TimeSpan.FromSeconds(1));
            node.Receive(PingOf(Wanted(node, family, random)), contact);
            node.Receive(
                PingOf(Wanted(node, family, random)),
                contact.WithPort((ushort)(1 + random.Next(60_000))));
            pings += Answer(node, contact, id);
        }

        Assert.Equal(new CompactNode(id, contact), Assert.Single(ContactsOf(node, family)));
        Assert.InRange(pings, 0, 120 / 10);
    }

    /// <summary>Answers what the node asked at one endpoint; how many pings its address got.</summary>
    private static int Answer(NodeHarness node, Endpoint endpoint, in NodeId id)
    {
        int count = 0;
        foreach ((Endpoint to, byte[] datagram) in node.Take())
        {
            KrpcMessage.Parse(datagram, out KrpcMessage message);
            count += to.HasSameAddress(endpoint) && message.Method == KrpcMethod.Ping ? 1 : 0;
            if (to == endpoint && message.Kind == KrpcKind.Query)
            {
                node.Receive(NodeHarness.Pong(Text(message.TransactionId), WireText.Of(id)), endpoint);
            }
        }

        return count;
    }

    private static List<CompactNode> ContactsOf(NodeHarness node, IpFamily family)
    {
        var found = new List<CompactNode>();
        int cursor = 0;
        while (node.Node.Table(family).TryGetNext(ref cursor, node.Now, out Contact contact))
        {
            found.Add(new CompactNode(contact.Id, contact.Endpoint));
        }

        return found;
    }

    private static byte[] PingOf(in NodeId id) => WireText.Query(id, "ping");

    /// <summary>An id that the table has room for, whatever else is in it.</summary>
    private static NodeId Wanted(NodeHarness node, IpFamily family, SeededRandomSource random) =>
        node.Node.IdOf(family).RandomWithCommonPrefix(20, random);
}
