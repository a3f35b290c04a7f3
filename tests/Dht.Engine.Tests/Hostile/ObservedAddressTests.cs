using Dht.Engine.Addressing;
using Dht.Engine.Node;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Hostile;

/// <summary>
/// What others say our address is (<c>ip</c>, BEP 42): of any length, and from one hand as often as it likes.
/// </summary>
public sealed class ObservedAddressTests
{
    private static readonly Endpoint Lie4 = Endpoint.Parse("9.9.9.9:1234");
    private static readonly Endpoint Lie6 = Endpoint.Parse("[2620:fe::9]:1234");

    public static TheoryData<IpFamily> Families => SocketPair.Families;

    /// <summary>
    /// With a quorum of one, the first vote that can be one counts. Only 6 bytes over IPv4 and 18 over IPv6 can.
    /// </summary>
    [Theory]
    [MemberData(nameof(Families))]
    public async Task AnAddressOfAnyLength_CountsOnlyInTheFormOfItsFamily(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(
            family, SocketPair.Unthrottled with { ExternalAddressQuorum = 1 });
        string four = WireText.Of(Lie4);
        string six = WireText.Of(Lie6);
        string[] none =
        [
            "", "2:ip0:", "2:ip4:" + four[..4], "2:ip5:" + four[..5], "2:ip7:" + four + "x", "2:ip16:"
                + six[..16], "2:ip17:" + six[..17],
            "2:ip19:" + six + "x", "2:ipi7e", "2:ipl6:" + four + "e", "2:ip6:" + "\0\0\0\0\0\u0001", "2:ip6:"
                + "\u00ff\u00ff\u00ff\u00ff\u0001\u0001",
            family == IpFamily.IPv6 ? "2:ip6:" + four : "2:ip18:" + six,
        ];
        foreach (string ip in none)
        {
            ReceivedReply received = await pair.ReplyAsync(
                transaction => $"d{ip}1:rd2:id20:{IdB}e1:t{Str(transaction)}1:y1:re");
            Assert.Equal(("response", ip), (received.End, ip));
            Assert.Null(await ExternalAsync(pair));
        }

        string address = Str(family == IpFamily.IPv6 ? six : four);
        await pair.ReplyAsync(transaction => $"d2:ip{address}1:rd2:id20:{IdB}e1:t{Str(transaction)}1:y1:re");
        Assert.Equal(family == IpFamily.IPv6 ? Lie6 : Lie4, await ExternalAsync(pair));
    }

    /// <summary>Replies that no query awaits, and queries, are no votes at all, in whatever number.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public async Task VotesThatNobodyAskedFor_AreNone(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(
            family, SocketPair.Unthrottled with { ExternalAddressQuorum = 1 });
        string ip = "2:ip" + Str(WireText.Of(family == IpFamily.IPv6 ? Lie6 : Lie4));
        byte[] reply = Bytes($"d{ip}1:rd2:id20:{IdB}e1:t4:aaaa1:y1:re");
        byte[] query = Bytes($"d1:ad2:id20:{IdA}e{ip}1:q4:ping1:t2:aa1:y1:qe");
        byte[] error = Bytes($"d1:eli201e2:noe{ip}1:t4:aaaa1:y1:ee");
        for (int i = 0; i < 10; i++)
        {
            pair.Exchange(reply, query, error);
        }

        Assert.Null(await ExternalAsync(pair));
        await pair.AssertNothingGrowsAsync([reply, query, error]);
    }

    /// <summary>
    /// Over a socket: forty answers from one address are one vote, so that a quorum of two is never reached.
    /// </summary>
    [Theory]
    [MemberData(nameof(Families))]
    public async Task AFloodOfVotesFromOneSource_IsOneVote(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(
            family, SocketPair.Unthrottled with { ExternalAddressQuorum = 2 });
        string ip = "2:ip" + Str(WireText.Of(family == IpFamily.IPv6 ? Lie6 : Lie4));
        for (int i = 0; i < 40; i++)
        {
            await pair.ReplyAsync(transaction => $"d{ip}1:rd2:id20:{IdB}e1:t{Str(transaction)}1:y1:re");
        }

        Assert.Null(await ExternalAsync(pair));
        Assert.Equal(0, pair.Counters.Node.IdChanges);
    }

    /// <summary>
    /// All 254 hosts of a /24, and as many networks of a /32 of IPv6, are one vote together; twenty more networks are
    /// 21.
    /// </summary>
    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void AFloodOfVotesFromOneNetwork_IsOneVote(IpFamily family)
    {
        var node = new NodeHarness(new NodeOptions { QueriesPerSecondPerAddress = 0 });
        for (uint host = 1; host <= 254; host++)
        {
            Vote(node, family == IpFamily.IPv6
                ? Endpoint.FromIPv6(0x2A00_0001_0000_0000 + ((ulong)host << 16), host, 6881)
                : Endpoint.FromIPv4(0x08080800 + host, 6881));
        }

        Assert.False(node.Node.TryGetExternalAddress(family, out _));
        for (int i = 1; i <= 19; i++)
        {
            Vote(node, TestEndpoints.Public(family, 100 + i));
        }

        Assert.False(node.Node.TryGetExternalAddress(family, out _));
        Vote(node, TestEndpoints.Public(family, 500));
        Assert.True(node.Node.TryGetExternalAddress(family, out Endpoint address));
        Assert.Equal(family == IpFamily.IPv6 ? Lie6 : Lie4, address);
    }

    private static void Vote(NodeHarness node, Endpoint voter)
    {
        node.Take();
        Assert.Equal(AskResult.Sent, node.Node.Ping(voter, node.Now));
        string ip = "2:ip" + Str(WireText.Of(voter.IsIPv6 ? Lie6 : Lie4));
        node.Receive(Bytes($"d{ip}1:rd2:id20:{IdB}e1:t{Str(node.TakeQuery().TransactionId)}1:y1:re"), voter);
    }

    private static Task<Endpoint?> ExternalAsync(SocketPair pair)
    {
        IpFamily family = pair.Family;
        return pair.Engine.InvokeAsync(
            (node, _) => node.TryGetExternalAddress(family, out Endpoint address) ? address : (Endpoint?)null);
    }
}
