using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Identity;

/// <summary>
/// BEP 42 check and derive: all vectors fit; one flipped bit of the first 21 spoils an id, the 22nd does not matter;
/// the ids that a node derives for itself fit its address, of either family, 1,000 of 1,000; local addresses are
/// exempt; insisting on it is a switch.
/// </summary>
public sealed class Bep42Tests
{
    [Theory]
    [MemberData(nameof(SecureNodeIdTests.Vectors), MemberType = typeof(SecureNodeIdTests))]
    public void TheVectorsFit_AndTheFirst21BitsMatter(string endpoint, string id)
    {
        var place = Endpoint.Parse(endpoint);
        Assert.True(SecureNodeId.IsValid(NodeId.Parse(id), place));
        for (int bit = 0; bit <= 21; bit++)
        {
            byte[] bytes = Convert.FromHexString(id);
            bytes[bit / 8] ^= (byte)(0x80 >> (bit % 8));
            Assert.True(SecureNodeId.IsValid(new NodeId(bytes), place) == (bit == 21), $"bit {bit + 1}");
        }
    }

    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void OurOwnIds_Fit1000Of1000(IpFamily family)
    {
        var node = new NodeHarness(seed: 51);
        for (int i = 0; i < 1_000; i++)
        {
            Endpoint ours = TestEndpoints.Public(family, i * 7);
            node.Node.SetExternalAddress(ours);
            Assert.True(SecureNodeId.IsValid(node.Node.IdOf(family), ours), $"seed 51, {ours}");
        }

        // One in half a million fits a new address by chance and is kept.
        Assert.InRange(node.Counters.IdChanges, 995, 1_000);
    }

    [Theory]
    [InlineData("127.0.0.1:1")]
    [InlineData("10.1.2.3:1")]
    [InlineData("172.16.5.5:1")]
    [InlineData("192.168.0.9:1")]
    [InlineData("169.254.7.7:1")]
    [InlineData("[::1]:1")]
    [InlineData("[fe80::1]:1")]
    [InlineData("[fd00::1]:1")]
    public void LocalAddresses_AreExempt_EvenWhereWeInsist(string endpoint)
    {
        var place = Endpoint.Parse(endpoint);
        NodeId any = NodeId.Random(new SeededRandomSource(52));
        Assert.True(SecureNodeId.IsExempt(place));
        Assert.True(SecureNodeId.IsValid(any, place));
        Assert.Equal(1, ContactsAfterAnswer(any, place, enforce: true));
    }

    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void Insisting_IsASwitch(IpFamily family)
    {
        var random = new SeededRandomSource(53);
        Endpoint place = TestEndpoints.Public(family, 3);
        NodeId fitting = SecureNodeId.Derive(place, random);
        byte[] bytes = new byte[NodeId.Size];
        fitting.CopyTo(bytes);
        bytes[0] ^= 1;
        var unfit = new NodeId(bytes);
        Assert.False(new NodeOptions().EnforceSecureIds);
        Assert.Equal(1, ContactsAfterAnswer(unfit, place, enforce: false));
        Assert.Equal(1, ContactsAfterAnswer(fitting, place, enforce: true));
        Assert.Equal(0, ContactsAfterAnswer(unfit, place, enforce: true));
    }

    private static int ContactsAfterAnswer(NodeId id, Endpoint place, bool enforce)
    {
        var node = new NodeHarness(new NodeOptions { EnforceSecureIds = enforce });
        Assert.Equal(AskResult.Sent, node.Node.Ping(place, node.Now));
        node.Receive(NodeHarness.Pong(node.TakeQuery().TransactionId, WireText.Of(id)), place);
        Assert.Equal(1, node.Counters.Responses);
        return node.Node.ContactCount;
    }
}
