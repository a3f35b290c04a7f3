using System.Net.Sockets;
using Dht.Cli.Node;
using Dht.Cli.Output;
using Dht.Engine.Addressing;
using Dht.Engine.Node;
using Dht.Engine.Tests.Support;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Cli;

/// <summary>What a running node says, at a time that is given.</summary>
public sealed class NodeNoticesTests
{
    private static readonly Endpoint Local = Endpoint.Parse("10.9.0.2:6881");

    [Fact]
    public void ItSaysOnceThatItHasJoined()
    {
        var notices = new NodeNotices(Local, isReadOnly: false);
        Assert.Empty(Look(notices, 1));
        Assert.Equal(["joined after 2.0 s"], Look(notices, 2, contacts: 1));
        Assert.True(notices.HasJoined);
        Assert.Empty(Look(notices, 3, contacts: 0));
        Assert.Empty(Look(notices, 4, contacts: 5));
    }

    [Theory]
    [InlineData(0, false, true)]
    [InlineData(1, false, false)]
    [InlineData(0, true, false)]
    public void AFewMinutesAfter_ItSaysThatNobodyHasAsked(long queries, bool isReadOnly, bool isSaid)
    {
        var notices = new NodeNotices(Local, isReadOnly);
        Look(notices, 10, contacts: 1);
        Assert.Empty(Look(notices, 309, contacts: 1, queries: queries));
        IReadOnlyList<string> lines = Look(notices, 310, contacts: 1, queries: queries);
        Assert.Equal(
            isSaid
                ? ["joined, but nobody has asked us in 5 minutes: a firewall or NAT may keep them out"]
                : Array.Empty<string>(),
            lines);
        Assert.Empty(Look(notices, 1000, contacts: 1, queries: queries));
    }

    [Fact]
    public void ThatTheSystemRefusesToSend_ItSaysAtOnce_AndAgainEachMinuteWhileItGoesOn()
    {
        var notices = new NodeNotices(Local, isReadOnly: false);
        string first = Assert.Single(Look(notices, 5, refused: 1));
        string reason = new SocketException((int)SocketError.NetworkUnreachable).Message;
        Assert.Equal($"the system refuses to send from 10.9.0.2:6881 ({reason}), 1 packet so far", first);
        Assert.Empty(Look(notices, 64, refused: 900));
        string second = Assert.Single(Look(notices, 65, refused: 1000));
        Assert.EndsWith(", 1,000 packets so far", second, StringComparison.Ordinal);
        Assert.Empty(Look(notices, 1000, refused: 1000));
        Assert.Single(Look(notices, 1001, refused: 1001));
    }

    [Fact]
    public void WithNothingToSay_ItAllocatesNothing()
    {
        var notices = new NodeNotices(Local, isReadOnly: false);
        AllocationGuard.AssertNone(notices, static notices => Look(notices, 1));
        Assert.Null(new RefusalNotice().Look(Local, default, TimeSpan.Zero));
    }

    private static IReadOnlyList<string> Look(
        NodeNotices notices, double seconds, int contacts = 0, long queries = 0, long refused = 0) => notices.Look(
            new DhtEngineCounters
            {
                Contacts = contacts,
                Node = new NodeCounters { QueriesReceived = queries },
                Transport = new TransportCounters
                {
                    SendErrors = refused,
                    LastSendError = SocketError.NetworkUnreachable,
                },
            },
            TimeSpan.FromSeconds(seconds));
}
