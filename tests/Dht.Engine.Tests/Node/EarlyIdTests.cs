using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Node;

/// <summary>An id fits its address early or not at all: what others stored near the old one is lost (BEP 42).</summary>
public sealed class EarlyIdTests
{
    public static TheoryData<string, bool> Bound => new()
    {
        { "9.8.7.6:6881", true },
        { "[2a01:4f8::7]:6881", true },
        { "0.0.0.0:6881", false },
        { "[::]:6881", false },
        { "127.0.0.1:6881", false },
        { "10.0.0.5:6881", false },
    };

    [Theory]
    [MemberData(nameof(Bound))]
    public void ASocketOnAPublicAddress_GivesTheId_WithoutAVote(string bound, bool isDerived)
    {
        var local = Endpoint.Parse(bound);
        var id = NodeId.Parse(new string('7', 40));
        var node = new NodeHarness(new NodeOptions { Id = id, LocalEndpoint = local });
        Assert.Equal(isDerived ? 1 : 0, node.Counters.IdChanges);
        Assert.Equal(isDerived, node.Node.IdOf(local.Family) != id);
        Assert.Equal(isDerived, node.Node.TryGetExternalAddress(local.Family, out Endpoint known));
        Assert.True(!isDerived || (known == local && SecureNodeId.IsValid(node.Node.IdOf(local.Family), local)));

        var fixedId = new NodeHarness(new NodeOptions { Id = id, LocalEndpoint = local, DeriveId = false });
        Assert.Equal(id, fixedId.Node.IdOf(local.Family));
    }

    [Fact]
    public void AfterHalfAMinute_AFewVotesNoLongerMoveTheId()
    {
        var address = Endpoint.Parse("9.9.9.9:6881");
        var vote = new AddressVote(IpFamily.IPv4, AddressPolicy.Public);
        var own = new OwnAddress(vote, new SeededRandomSource(3), derivesId: true, boundPort: 6881);
        var id = NodeId.Parse(new string('7', 40));
        Instant now = Instant.Zero + TimeSpan.FromHours(1);
        own.Count(TestEndpoints.Public(IpFamily.IPv4, 0), address, now, out _);
        now += OwnAddress.EarlyTime + TimeSpan.FromTicks(1);
        for (int voter = 1; voter < AddressVote.QuorumDefault; voter++)
        {
            Assert.False(own.TryDeriveId(id, now, out _));
            own.Count(TestEndpoints.Public(IpFamily.IPv4, voter), address, now, out _);
        }

        Assert.True(own.TryDeriveId(id, now, out NodeId derived));
        Assert.True(SecureNodeId.IsValid(derived, address));
    }

    /// <summary>Liars that come first gain nothing that lasts: the quorum sets it right at once.</summary>
    [Fact]
    public void AFirstIdThatWasALie_IsCorrectedByTheQuorum_WithoutWaiting()
    {
        var lie = Endpoint.Parse("5.5.5.5:1");
        var truth = Endpoint.Parse("9.9.9.9:6881");
        var vote = new AddressVote(IpFamily.IPv4, AddressPolicy.Public);
        var own = new OwnAddress(vote, new SeededRandomSource(3), derivesId: true, boundPort: 6881);
        var id = NodeId.Parse(new string('7', 40));
        Instant now = Instant.Zero + TimeSpan.FromHours(1);
        for (int voter = 0; voter < 3; voter++)
        {
            own.Count(TestEndpoints.Public(IpFamily.IPv4, voter), lie, now, out _);
        }

        Assert.True(own.TryDeriveId(id, now, out id) && SecureNodeId.IsValid(id, lie));
        for (int voter = 3; voter < 3 + AddressVote.QuorumDefault; voter++)
        {
            own.Count(TestEndpoints.Public(IpFamily.IPv4, voter), truth, now + TimeSpan.FromMinutes(1), out _);
        }

        Assert.True(own.TryDeriveId(id, now + TimeSpan.FromMinutes(1), out id));
        Assert.True(SecureNodeId.IsValid(id, truth));
    }
}
