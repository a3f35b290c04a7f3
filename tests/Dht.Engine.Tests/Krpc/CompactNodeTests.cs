using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Krpc;

public sealed class CompactNodeTests
{
    [Theory]
    [InlineData("1.2.3.4:6881", 26)]
    [InlineData("[2001:db8::1]:6881", 38)]
    public void AContact_PacksAndUnpacks(string endpoint, int size)
    {
        var node = new CompactNode(NodeId.Random(new SeededRandomSource(3)), Endpoint.Parse(endpoint));
        byte[] wire = new byte[size];
        Assert.Equal(size, node.Write(wire));
        Assert.Equal(size, CompactNode.SizeOf(node.Endpoint.Family));
        Assert.True(CompactNode.TryRead(wire, out CompactNode read));
        Assert.Equal(node, read);
        Assert.Throws<ArgumentException>(() => node.Write(new byte[size - 1]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    [InlineData(20)]
    [InlineData(25)]
    [InlineData(27)]
    [InlineData(37)]
    [InlineData(39)]
    public void AnotherLength_IsRefused(int length) => Assert.False(CompactNode.TryRead(new byte[length], out _));

    [Fact]
    public void AList_YieldsItsContactsInOrder()
    {
        byte[] wire = new byte[3 * CompactNode.SizeIPv4];
        for (int i = 0; i < 3; i++)
        {
            var node = new CompactNode(
                NodeId.Random(new SeededRandomSource((ulong)i)), Endpoint.FromIPv4((uint)i, (ushort)i));
            node.Write(wire.AsSpan(26 * i));
        }

        int index = 0;
        foreach (CompactNode node in new CompactNodes(wire, IpFamily.IPv4))
        {
            Assert.Equal(index++, node.Endpoint.Port);
        }

        Assert.Equal(3, index);
        Assert.Throws<ArgumentOutOfRangeException>(() => new CompactNodes(wire, IpFamily.IPv4)[3]);
    }

    [Fact]
    public void Enumerating_AllocatesNothing() =>
        Assert.Equal(0, AllocationGuard.OnThread(new byte[64 * 38], static wire =>
        {
            foreach (CompactNode node in new CompactNodes(wire, IpFamily.IPv6))
            {
                node.Write(wire);
            }
        }));
}
