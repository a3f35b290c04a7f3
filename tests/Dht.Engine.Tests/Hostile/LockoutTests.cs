using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Hostile;

/// <summary>
/// Forging a node's address, or lying about it, does not keep us from that node, or it from us.
/// </summary>
public sealed class LockoutTests
{
    private static readonly TimeSpan Tenth = TimeSpan.FromMilliseconds(100);

    public static TheoryData<IpFamily> Kinds => [IpFamily.IPv4, IpFamily.IPv6];

    /// <summary>Twenty forged queries a second, each from another port and under an id that our table wants.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void ForgedQueriesOfANode_DoNotKeepUsFromAskingIt(IpFamily family)
    {
        var node = new NodeHarness();
        var random = new SeededRandomSource(7);
        Endpoint victim = TestEndpoints.Public(family, 1);
        int pings = 0;
        for (int second = 0; second < 120; second++)
        {
            for (int i = 0; i < 10; i++)
            {
                node.Advance(Tenth);
                for (int forged = 0; forged < 2; forged++)
                {
                    NodeId id = node.Node.IdOf(family).RandomWithCommonPrefix(20 + (forged * 3), random);
                    node.Receive(PingOf(id), victim.WithPort((ushort)(1 + random.Next(60_000))));
                }

                pings += node.Take().Count(entry => entry.To.HasSameAddress(victim) && IsQuery(entry.Datagram));
            }

            // All that one second allows is ours but for the ping that verifies.
            for (int query = 0; query < 3; query++)
            {
                Assert.Equal(AskResult.Sent, node.Node.Ping(victim, node.Now));
            }

            node.Take();
        }

        Assert.InRange(pings, 1, 26);
    }

    /// <summary>The nearest may not be asked just now: all others are, and at once.</summary>
    [Fact]
    public void ANodeThatMayNotBeAskedNow_HoldsUpNobodyElse()
    {
        (NodeHarness node, NodeId target, CompactNode[] contacts) = Acquainted();
        Exhaust(node, contacts[0].Endpoint, 4);
        Assert.True(node.Node.TryStartLookup(
            new LookupRequest { Kind = LookupKind.FindNode, Target = target }, node.Now, out _));
        node.Advance(TimeSpan.Zero);
        HashSet<Endpoint> asked = [.. node.Take().Select(static entry => entry.To)];
        Assert.True(
            asked.SetEquals(contacts[1..].Select(static contact => contact.Endpoint)), string.Join(", ", asked));

        // And it is not forgotten.
        node.Advance(TimeSpan.FromMilliseconds(300));
        Assert.Contains(contacts[0].Endpoint, node.Take().Select(static entry => entry.To));
    }

    /// <summary>
    /// Sixty answers of others meanwhile, each naming one still nearer, do not use up the patience with it.
    /// </summary>
    [Fact]
    public void WhoMustWait_WaitsThroughTheAnswersOfOthers()
    {
        (NodeHarness node, NodeId target, CompactNode[] contacts) = Acquainted();
        var random = new SeededRandomSource(10);
        CompactNode[] chain = [.. Enumerable.Range(0, 60)
            .Select(i => new CompactNode(
                target.RandomWithCommonPrefix(19, random), TestEndpoints.Public(IpFamily.IPv4, 100 + i)))];
        Array.Sort(chain, (one, other) => NodeId.CompareDistance(target, other.Id, one.Id));
        contacts = [.. contacts, .. chain];
        Exhaust(node, contacts[0].Endpoint, 4);
        var recorder = new LookupRecorder();
        Assert.True(node.Node.TryStartLookup(
            new LookupRequest { Kind = LookupKind.FindNode, Target = target, Listener = recorder }, node.Now, out _));
        node.Advance(TimeSpan.Zero);
        Answer();
        Assert.Equal(0, recorder.Ends);
        node.Advance(TimeSpan.FromMilliseconds(300));
        Answer();
        node.Advance(TimeSpan.Zero);
        Assert.Equal(1, recorder.Ends);
        Assert.InRange(recorder.Report.Answered, 60, 70);
        Assert.Equal([contacts[0], .. chain.Reverse().Take(7)], recorder.Closest.ToArray());

        void Answer()
        {
            for (List<(Endpoint To, byte[] Datagram)> queries = node.Take(); queries.Count > 0; queries = node.Take())
            {
                foreach ((Endpoint to, byte[] datagram) in queries)
                {
                    int place = Array.FindIndex(contacts, contact => contact.Endpoint == to);
                    string next = place == 0 || place + 1 == contacts.Length ? "" : WireText.Of(contacts[place + 1]);
                    node.Receive(
                        NodeHarness.Pong(TransactionOf(datagram), TextOf(contacts[place].Id), $"5:nodes{Str(next)}"),
                        to);
                }
            }
        }
    }

    /// <summary>
    /// Of those announced to, the nearest may not be asked just now: the others get theirs at once, and it gets its
    /// own later.
    /// </summary>
    [Fact]
    public void ANodeThatMayNotBeAskedNow_HoldsUpNoAnnouncement()
    {
        (NodeHarness node, NodeId target, CompactNode[] contacts) = Acquainted();
        var recorder = new LookupRecorder();
        Assert.True(node.Node.TryStartLookup(
            new LookupRequest { Kind = LookupKind.Announce, Target = target, Port = 7, Listener = recorder },
            node.Now,
            out _));
        node.Advance(TimeSpan.Zero);
        List<(Endpoint To, byte[] Datagram)> queries = node.Take();
        Exhaust(node, contacts[0].Endpoint, 3);
        AnswerAll(node, contacts, queries);
        HashSet<Endpoint> told =
            [
                .. node.Take().Where(static entry => Text(entry.Datagram).Contains("13:announce_peer"))
                    .Select(static entry => entry.To),
            ];
        Assert.True(told.SetEquals(contacts[1..].Select(static contact => contact.Endpoint)), string.Join(", ", told));
        node.Advance(TimeSpan.FromMilliseconds(300));
        Assert.Equal(
            contacts[0].Endpoint,
            Assert.Single(node.Take(), static entry => Text(entry.Datagram).Contains("13:announce_peer")).To);
    }

    /// <summary>
    /// A liar names the endpoint of a contact of an earlier run under another id, or asks us under it: the contact,
    /// which answers us truthfully or not at all to that, stays in what is saved.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void WhatOthersSayOfASavedContact_DoesNotForgetIt(IpFamily family)
    {
        NodeHarness node = Idle();
        var random = new SeededRandomSource(9);
        CompactNode[] saved =
        [
            .. Enumerable.Range(0, 20)
                .Select(i => new CompactNode(NodeId.Random(random), TestEndpoints.Public(family, 100 + i))),
        ];
        node.Node.AddSaved(new NodeState { Contacts = saved });
        for (int i = 0; i < saved.Length; i++)
        {
            node.Receive(PingOf(node.Node.IdOf(family).RandomWithCommonPrefix(30, random)), saved[i].Endpoint);
            List<(Endpoint To, byte[] Datagram)> queries =
            [
                .. node.Take().Where(static entry => IsQuery(entry.Datagram)),
            ];
            Assert.Equal(saved[i].Endpoint, Assert.Single(queries).To);
            AnswerAll(node, saved, queries);

            // Somebody else does answer, so it is not the network that is at fault.
            Exhaust(node, TestEndpoints.Public(family, 1), 1, answers: true);
            node.Advance(TimeSpan.FromSeconds(3));
        }

        Assert.Equal(0, node.Counters.Timeouts);
        HashSet<Endpoint> kept =
        [
            .. node.Node.CaptureState(node.Now).Contacts.Select(static contact => contact.Endpoint),
        ];
        Assert.True(
            kept.IsSupersetOf(saved.Select(static contact => contact.Endpoint)),
            $"{kept.Count} of {saved.Length} kept");
    }

    /// <summary>A node that does nothing by itself.</summary>
    private static NodeHarness Idle()
    {
        var node = new NodeHarness(new NodeOptions { LookupRepeats = 0 });
        foreach (NodeTask task in node.Node.Extensions.Tasks.All)
        {
            task.Remove();
        }

        return node;
    }

    /// <summary>
    /// The same with contacts in its table, nearest to the target first, each in a network of its own.
    /// </summary>
    private static (NodeHarness Node, NodeId Target, CompactNode[] Contacts) Acquainted()
    {
        NodeHarness node = Idle();
        var random = new SeededRandomSource(8);
        NodeId target = node.Node.Id.RandomWithCommonPrefix(0, random);
        CompactNode[] contacts = [.. Enumerable.Range(0, 8)
            .Select(i => new CompactNode(
                target.RandomWithCommonPrefix(20 - i, random), TestEndpoints.Public(IpFamily.IPv4, 50 + i)))];
        foreach (CompactNode contact in contacts)
        {
            Assert.True(node.Node.Table(IpFamily.IPv4).Insert(contact.Id, contact.Endpoint, node.Now));
        }

        return (node, target, contacts);
    }

    private static void Exhaust(NodeHarness node, in Endpoint endpoint, int queries, bool answers = false)
    {
        for (int i = 0; i < queries; i++)
        {
            Assert.Equal(AskResult.Sent, node.Node.Ping(endpoint, node.Now));
        }

        foreach ((Endpoint to, byte[] datagram) in node.Take().Where(_ => answers))
        {
            node.Receive(NodeHarness.Pong(TransactionOf(datagram)), to);
        }
    }

    private static void AnswerAll(NodeHarness node, CompactNode[] contacts) => AnswerAll(node, contacts, node.Take());

    private static void AnswerAll(
        NodeHarness node, CompactNode[] contacts, List<(Endpoint To, byte[] Datagram)> queries)
    {
        foreach ((Endpoint to, byte[] datagram) in queries)
        {
            CompactNode contact = contacts.First(contact => contact.Endpoint == to);
            node.Receive(NodeHarness.Pong(TransactionOf(datagram), TextOf(contact.Id), "5:nodes0:5:token2:ab"), to);
        }
    }

    private static byte[] PingOf(in NodeId id) => Bytes($"d1:ad2:id{Str(TextOf(id))}e1:q4:ping1:t2:aa1:y1:qe");

    private static bool IsQuery(byte[] datagram) => datagram.AsSpan().EndsWith("1:y1:qe"u8);

    private static string TransactionOf(byte[] datagram)
    {
        KrpcMessage.Parse(datagram, out KrpcMessage message);
        return Text(message.TransactionId);
    }

    private static string TextOf(in NodeId id)
    {
        byte[] bytes = new byte[NodeId.Size];
        id.CopyTo(bytes);
        return Text(bytes);
    }
}
