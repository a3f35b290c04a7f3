using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Rpc;
using Dht.Engine.Storage;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Hostile;

/// <summary>What strangers can fill: slots, tables, stores; and the tokens that guard the last.</summary>
public sealed class HostileStateTests
{
    public static TheoryData<IpFamily> Families => SocketPair.Families;

    public static TheoryData<IpFamily, RoutingTableKind> Tables => new()
    {
        { IpFamily.IPv4, RoutingTableKind.Kademlia }, { IpFamily.IPv4, RoutingTableKind.Mainline },
        { IpFamily.IPv6, RoutingTableKind.Kademlia }, { IpFamily.IPv6, RoutingTableKind.Mainline },
    };

    /// <summary>
    /// All slots taken: the next query is refused, each open one is found and ends once, and nothing is allocated on
    /// the way.
    /// </summary>
    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void SixtyFiveThousandOpenQueries_AreTheBound(IpFamily family)
    {
        const int count = TransactionTable<NodeQuery>.CapacityMax;
        var node = new NodeHarness(new NodeOptions { OpenQueriesMax = count, QueriesPerSecondPerAddress = 0 });
        var ended = new EndCounter();
        long allocated = AllocationGuard.OnThread((node, family, ended), static state =>
        {
            for (int i = 0; i < count; i++)
            {
                Endpoint place = TestEndpoints.Public(state.family, i);
                Assert.True(state.node.Node.Ping(place, state.node.Now, state.ended) == AskResult.Sent);
                state.node.Outbox.Clear();
            }

            Endpoint first = TestEndpoints.Public(state.family, 1);
            Assert.True(state.node.Node.Ping(first, state.node.Now, state.ended) == AskResult.Busy);
            Assert.True(state.node.Node.OpenQueries == count);

            // Guesses while all are open settle none: their source is not one that was asked.
            for (int i = 0; i < 100_000; i++)
            {
                state.node.Node.Receive(Guess(i), NodeHarness.Asker, state.node.Now);
            }

            state.node.Advance(TimeSpan.FromSeconds(4));
        }, warmUps: 1);
        Assert.Equal((0L, 2 * count, 0), (allocated, ended.Timeouts, node.Node.OpenQueries));
        Assert.Equal(0, node.Counters.Responses);
        Assert.True(node.AnswersPing());
    }

    /// <summary>
    /// Of 254 hosts of one network that all ask and all answer, two hold a place in each bucket, one in each of the
    /// other table.
    /// </summary>
    [Theory]
    [MemberData(nameof(Tables))]
    public void ATableFloodedFromOneNetwork_GivesItFewPlaces(IpFamily family, RoutingTableKind table)
    {
        const ulong seed = 3;
        var random = new SeededRandomSource(seed);
        NodeHarness node = Still(new NodeOptions { TableKind = table, AnswersPerSecondPerAddress = 0 });
        for (int i = 0; i < 1_000; i++)
        {
            node.Introduce(NodeId.Random(random), InOneNetwork(family, i));
            node.Advance(TimeSpan.FromMilliseconds(100));
        }

        int each = table == RoutingTableKind.Mainline && family == IpFamily.IPv4 ? 1 : 2;
        int[] perBucket =
            [
                .. Contacts(node, family).GroupBy(contact => node.Node.Id.CommonPrefixLength(contact.Id))
                    .Select(static g => g.Count()),
            ];
        Assert.All(perBucket, count => Assert.InRange(count, 1, each));
        Assert.InRange(perBucket.Sum(), 1, 16);
    }

    /// <summary>However many hosts of one /64 ask and answer, the /64 is one contact.</summary>
    [Theory]
    [InlineData(RoutingTableKind.Kademlia)]
    [InlineData(RoutingTableKind.Mainline)]
    public void ATableFloodedFromOneSlash64_GivesItOnePlace(RoutingTableKind table)
    {
        var random = new SeededRandomSource(4);
        var node = new NodeHarness(
            new NodeOptions { TableKind = table, AnswersPerSecondPerAddress = 0, QueriesPerSecondPerAddress = 0 });
        for (ulong host = 1; host <= 500; host++)
        {
            node.Introduce(NodeId.Random(random), Endpoint.FromIPv6(0x2A00_0001_0000_0000, host, (ushort)host));
        }

        Assert.Equal(1, node.Node.ContactCount);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task ATokenReplayedAfterTwoRotations_IsRefused(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(family);
        string token = TokenOf(Assert.Single(pair.Exchange(Query("get_peers", $"9:info_hash20:{IdB}"))));
        byte[] announce = Announce(token, IdB);
        Assert.EndsWith("1:y1:re", Assert.Single(pair.Exchange(announce)), StringComparison.Ordinal);
        await RotateAsync(pair);
        Assert.EndsWith("1:y1:re", Assert.Single(pair.Exchange(announce)), StringComparison.Ordinal);
        await RotateAsync(pair);
        Assert.Contains("bad token", Assert.Single(pair.Exchange(announce)), StringComparison.Ordinal);

        // Nor does a token serve another torrent.
        string fresh = TokenOf(Assert.Single(pair.Exchange(Query("get_peers", $"9:info_hash20:{IdB}"))));
        Assert.Contains("bad token", Assert.Single(pair.Exchange(Announce(fresh, IdA))), StringComparison.Ordinal);
        Assert.Equal(1, (await pair.StateAsync()).Peers);
    }

    /// <summary>
    /// A token given to one address is worth nothing for its neighbours, nor made into one of theirs by what differs.
    /// </summary>
    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void ATokenOfAnotherAddress_IsRefused_ChangedOrNot(IpFamily family)
    {
        var node = new NodeHarness(new NodeOptions { AnswersPerSecondPerAddress = 0 });
        Endpoint given = TestEndpoints.Public(family, 7);
        byte[] token = Bytes(TokenOf(node.Ask(Query("get_peers", $"9:info_hash20:{IdB}"), given)));
        for (int bit = 0; bit < 24; bit++)
        {
            Endpoint other = family == IpFamily.IPv6
                ? Endpoint.FromIPv6(given.UpperBits ^ (1ul << bit), given.LowerBits, given.Port)
                : Endpoint.FromIPv4(given.IPv4Bits ^ (1u << bit), given.Port);
            Assert.Contains("bad token", node.Ask(Announce(Text(token), IdB), other), StringComparison.Ordinal);
            byte[] changed = [.. token];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Contains("bad token", node.Ask(Announce(Text(changed), IdB), other), StringComparison.Ordinal);
        }

        Assert.EndsWith("1:y1:re", node.Ask(Announce(Text(token), IdB), given.WithPort(1)), StringComparison.Ordinal);
    }

    /// <summary>A full store refuses with 202 and goes on answering; what is there stays.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public async Task AStoreFilledToItsBound_RefusesWith202(IpFamily family)
    {
        await using SocketPair pair = SocketPair.Start(
            family, SocketPair.Unthrottled with
            {
                Peers = new PeerStoreOptions { InfoHashCapacity = 4, PeerCapacity = 8, PeersPerInfoHash = 2 },
            });
        var cases = new List<byte[]>();
        for (int i = 0; i < 24; i++)
        {
            string infoHash = Fill(20, i);
            string token = TokenOf(Assert.Single(pair.Exchange(Query("get_peers", "9:info_hash" + Str(infoHash)))));
            cases.Add(Announce(token, infoHash));
        }

        List<string> replies = pair.Exchange([.. cases]);
        Assert.Equal(4, replies.Count(static reply => reply.EndsWith("1:y1:re", StringComparison.Ordinal)));
        Assert.All(replies.Skip(4), static reply => Assert.Equal(202, WireText.ErrorOf(Bytes(reply)).Code));
        Assert.Equal((4, 4), ((await pair.StateAsync()).Peers, (await pair.StateAsync()).Torrents));
        await pair.AssertNothingGrowsAsync([.. cases]);
    }

    /// <summary>Hours without a tick, as when a machine sleeps: the first one turns over both secrets.</summary>
    [Fact]
    public void ATokenFromBeforeALongSleep_IsRefused()
    {
        var node = new NodeHarness();
        byte[] announce = Announce(TokenOf(node.Ask(Query("get_peers", $"9:info_hash20:{IdB}"))), IdB);
        node.Advance(TimeSpan.FromMinutes(9));
        Assert.EndsWith("1:y1:re", node.Ask(announce), StringComparison.Ordinal);
        announce = Announce(TokenOf(node.Ask(Query("get_peers", $"9:info_hash20:{IdB}"))), IdB);
        node.Advance(TimeSpan.FromHours(5));
        Assert.Contains("bad token", node.Ask(announce), StringComparison.Ordinal);
    }

    /// <summary>
    /// A torrent with 400 peers in as many networks, then all hosts of one network: it gets 16 places of the torrent
    /// and its share of the store, and takes no more.
    /// </summary>
    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void AStoreFloodedFromOneNetwork_KeepsItsPeersAndRoomForOthers(IpFamily family)
    {
        var random = new SeededRandomSource(6);
        var node = new NodeHarness(new NodeOptions { AnswersPerSecondPerAddress = 0 });
        for (int i = 0; i < 400; i++)
        {
            Store(TestEndpoints.Public(family, 1_000 + i), IdB);
        }

        for (int i = 0; i < 2_000; i++)
        {
            Store(InOneNetwork(family, i), IdB);
        }

        Assert.Equal(400 + 16, node.Node.Peers.PeerCount);
        for (int i = 0; i < 5_000; i++)
        {
            byte[] infoHash = new byte[20];
            random.Fill(infoHash);
            Store(InOneNetwork(family, i), Text(infoHash));
        }

        Assert.InRange(node.Node.Peers.InfoHashCount, 1, 1 + (4_096 / 64));
        Assert.EndsWith("1:y1:re", Store(TestEndpoints.Public(family, 3_000), IdA), StringComparison.Ordinal);

        string Store(Endpoint peer, string infoHash)
        {
            string token = TokenOf(node.Ask(Query("get_peers", "9:info_hash" + Str(infoHash)), peer));
            return node.Ask(Announce(token, infoHash), peer);
        }
    }

    /// <summary>
    /// One site with a valid token for each of ten thousand torrents gets its share of the store and no more.
    /// </summary>
    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void AStoreFloodedFromOneSite_KeepsRoomForOthers(IpFamily family)
    {
        var random = new SeededRandomSource(6);
        var node = new NodeHarness(new NodeOptions { AnswersPerSecondPerAddress = 0 });
        for (int i = 0; i < 10_000; i++)
        {
            byte[] infoHash = new byte[20];
            random.Fill(infoHash);
            string token = TokenOf(
                node.Ask(Query("get_peers", "9:info_hash" + Str(Text(infoHash))), TestEndpoints.Public(family, 1)));
            node.Ask(Announce(token, Text(infoHash)), TestEndpoints.Public(family, 1));
        }

        Assert.Equal(4_096 / 64, node.Node.Peers.InfoHashCount);
        string other = TokenOf(node.Ask(Query("get_peers", $"9:info_hash20:{IdB}"), TestEndpoints.Public(family, 2)));
        Assert.EndsWith(
            "1:y1:re", node.Ask(Announce(other, IdB), TestEndpoints.Public(family, 2)), StringComparison.Ordinal);
    }

    internal static List<Contact> Contacts(NodeHarness node, IpFamily family)
    {
        var contacts = new List<Contact>();
        for (int cursor = 0; node.Node.Table(family).TryGetNext(ref cursor, node.Now, out Contact contact);)
        {
            contacts.Add(contact);
        }

        return contacts;
    }

    /// <summary>A node that asks nothing by itself: there is no node here to answer.</summary>
    internal static NodeHarness Still(NodeOptions options, ulong seed = 1)
    {
        var node = new NodeHarness(options, seed);
        foreach (NodeTask task in node.Node.Extensions.Tasks.All.ToArray())
        {
            task.Remove();
        }

        return node;
    }

    /// <summary>Hosts of one /24, or sites of one /56.</summary>
    internal static Endpoint InOneNetwork(IpFamily family, int number) => family == IpFamily.IPv6
        ? Endpoint.FromIPv6(0x2A00_0001_0000_0000 + (ulong)(number % 256), 1, (ushort)(1000 + (number / 256)))
        : Endpoint.FromIPv4(0x09090900 + (uint)(number % 256), (ushort)(1000 + (number / 256)));

    internal static string TokenOf(string reply) =>
        reply.Substring(reply.IndexOf("5:token8:", StringComparison.Ordinal) + 9, 8);

    internal static byte[] Announce(string token, string infoHash) =>
        Query("announce_peer", $"9:info_hash{Str(infoHash)}4:porti6881e5:token{Str(token)}");

    private static Task<bool> RotateAsync(SocketPair pair) => pair.Engine.InvokeAsync(static (node, _) =>
    {
        node.Run(UpkeepTask.TokenRotation, node.Now);
        return true;
    });

    private static ReadOnlySpan<byte> Guess(int number)
    {
        byte[] guess = GuessTemplate;
        BitConverter.TryWriteBytes(guess.AsSpan(guess.Length - 11), number);
        return guess;
    }

    private static readonly byte[] GuessTemplate = NodeHarness.Pong("????");

    private sealed class EndCounter : IQueryListener
    {
        public int Timeouts { get; private set; }

        public void OnResponse(
            in Dht.Engine.Krpc.KrpcMessage response, in Endpoint source, TimeSpan roundTrip, long cookie)
        {
        }

        public void OnError(in Dht.Engine.Krpc.KrpcMessage error, in Endpoint source, long cookie)
        {
        }

        public void OnTimeout(in Endpoint destination, long cookie) => Timeouts++;
    }
}
