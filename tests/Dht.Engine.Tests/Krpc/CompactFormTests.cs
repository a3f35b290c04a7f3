using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Krpc;

/// <summary>
/// Pack and unpack: contacts of 26 and 38 bytes, addresses of 6 and 18, the same after a round trip; any other length
/// is refused.
/// </summary>
public sealed class CompactFormTests
{
    [Fact]
    public void KnownBytes_AreRead()
    {
        Assert.True(CompactNode.TryRead(Bytes(IdA + "\u0001\u0002\u0003\u0004\u001a\u00e1"), out CompactNode four));
        Assert.Equal((IdA, "1.2.3.4:6881"), (WireText.Of(four.Id), four.Endpoint.ToString()));
        string six = " \u0001\r\u00b8" + new string('\0', 11) + "\u0001\u001a\u00e1";
        Assert.True(CompactNode.TryRead(Bytes(IdA + six), out CompactNode node));
        Assert.Equal((IdA, Endpoint.Parse("[2001:db8::1]:6881")), (WireText.Of(node.Id), node.Endpoint));
        Assert.True(Endpoint.TryReadCompact(Bytes(six), out Endpoint endpoint));
        Assert.Equal(node.Endpoint, endpoint);
    }

    [Fact]
    public void RandomOnes_GoRound()
    {
        var random = new SeededRandomSource(61);
        byte[] room = new byte[64];
        for (int i = 0; i < 10_000; i++)
        {
            ushort port = (ushort)random.NextUInt32();
            Endpoint place = i % 2 == 0
                ? Endpoint.FromIPv4(random.NextUInt32(), port)
                : Endpoint.FromIPv6(random.NextUInt64(), random.NextUInt64(), port);
            var node = new CompactNode(NodeId.Random(random), place);
            Assert.Equal(i % 2 == 0 ? 6 : 18, place.WriteCompact(room));
            Assert.True(
                Endpoint.TryReadCompact(room.AsSpan(0, place.CompactSize), out Endpoint readPlace)
                    && readPlace == place,
                $"seed 61, {place}");
            Assert.Equal(i % 2 == 0 ? 26 : 38, node.Write(room));
            Assert.True(
                CompactNode.TryRead(room.AsSpan(0, 20 + place.CompactSize), out CompactNode readNode)
                    && readNode == node,
                $"seed 61, {node}");
        }
    }

    [Fact]
    public void WrongLengths_AreRefused()
    {
        for (int length = 0; length <= 100; length++)
        {
            byte[] bytes = new byte[length];
            Assert.Equal(length is 6 or 18, Endpoint.TryReadCompact(bytes, out _));
            Assert.Equal(length is 26 or 38, CompactNode.TryRead(bytes, out _));
            var four = new CompactNodes(bytes, IpFamily.IPv4);
            var six = new CompactNodes(bytes, IpFamily.IPv6);
            Assert.Equal((length % 26 == 0, length % 26 == 0 ? length / 26 : 0), (four.IsWellFormed, four.Count));
            Assert.Equal((length % 38 == 0, length % 38 == 0 ? length / 38 : 0), (six.IsWellFormed, six.Count));
        }

        var endpoint = Endpoint.Parse("1.2.3.4:5");
        Assert.Throws<ArgumentException>(() => endpoint.WriteCompact(new byte[5]));
        Assert.Throws<ArgumentException>(() => new CompactNode(default, endpoint).Write(new byte[25]));
    }

    [Theory]
    [InlineData("5:nodes25:", 25)]
    [InlineData("5:nodes27:", 27)]
    [InlineData("6:nodes637:", 37)]
    public void AReplyWithAListOfAWrongLength_HasNoContacts(string key, int length)
    {
        Assert.Equal(KrpcFault.None, KrpcMessage.Parse(Response(key + Fill(length)), out KrpcMessage message));
        Assert.Equal((0, 0), (message.Nodes.Count, message.Nodes6.Count));
        Assert.False(message.Nodes.IsWellFormed && message.Nodes6.IsWellFormed);
    }
}
