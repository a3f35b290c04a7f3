using System.Globalization;
using System.Text;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Krpc;
using Dht.Engine.Tests.Support;
using Xunit.Abstractions;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Hostile;

/// <summary>
/// What an attacker gains by queries under the address of a victim: bytes out for each byte in, and how many in a
/// second.
/// </summary>
public sealed class AmplificationTests(ITestOutputHelper output)
{
    // Payload of UDP. On the wire both sides carry headers of 28 or 48 bytes more, so the factor is lower there.
    private const double FactorMax = 9.2;
    private const double FactorOnWireMax = 7.4;
    private const int ReplySizeMax = 1024;

    private static readonly Endpoint Victim4 = Endpoint.Parse("8.8.8.8:6881");
    private static readonly Endpoint Victim6 = Endpoint.Parse("[2001:4860::8888]:6881");

    private static readonly (string Name, string Query, double FactorMax)[] Queries =
    [
        ("ping", Smallest("ping"), 1.6),
        ("find_node", Smallest("find_node", $"6:target20:{IdB}"), 4.8),
        ("find_node, want n4 n6", Smallest("find_node", $"6:target20:{IdB}4:wantl2:n42:n6e"), 6),
        ("get_peers, none stored", Smallest("get_peers", $"9:info_hash20:{IdA}"), 5),
        ("get_peers, peers stored", Smallest("get_peers", $"9:info_hash20:{IdB}"), 8),
        ("get_peers, stored, want n4 n6", Smallest("get_peers", $"9:info_hash20:{IdB}4:wantl2:n42:n6e"), FactorMax),
        ("get_peers, scrape", Smallest("get_peers", $"9:info_hash20:{IdB}6:scrapei1e"), 7),
        ("sample_infohashes", Smallest("sample_infohashes", $"6:target20:{IdB}"), FactorMax),
        (
            "sample_infohashes, want n4 n6",
            Smallest("sample_infohashes", $"6:target20:{IdB}4:wantl2:n42:n6e"),
            FactorMax),
        ("announce_peer, bad token", Smallest("announce_peer", $"9:info_hash20:{IdB}4:porti1e5:token0:"), 1),
        ("no such method", "d1:q1:x1:t1:a1:y1:qe", 4.5),
        ("no such method, target", Smallest("x", $"6:target20:{IdB}"), 5.2),
        ("no such method, want n4 n6", Smallest("x", $"6:target20:{IdB}4:wantl2:n42:n6e"), 6.5),
        ("no arguments", "d1:q4:ping1:t1:a1:y1:qe", 4.5),
        ("no method", "d1:t1:a1:y1:qe", 6.5),
        ("broken bencode", "d1:t1:a1:y1:q", 0),
        ("no KRPC", "x", 0),
        ("a response", "d1:rd2:id20:" + IdA + "e1:t4:aaaa1:y1:re", 0),
        ("an error", "d1:eli201e0:e1:t4:aaaa1:y1:ee", 0),
    ];

    public static TheoryData<IpFamily> Kinds => [IpFamily.IPv4, IpFamily.IPv6];

    /// <summary>
    /// The smallest query of each family against a node whose tables and store are full, from an address that never
    /// proved itself.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void BytesOutForEachByteIn_HaveABound(IpFamily family)
    {
        NodeHarness node = FullNode();
        Endpoint victim = VictimOf(family);
        int headers = family == IpFamily.IPv6 ? 48 : 28;
        var table = new StringBuilder($"{family}\n");
        var wrong = new List<string>();
        foreach ((string name, string query, double factorMax) in Queries)
        {
            (int bytes, int wire) = Answer(node, query, victim, headers);
            double factor = (double)bytes / query.Length;
            double onWire = (double)wire / (query.Length + headers);
            table.AppendLine(
                CultureInfo.InvariantCulture,
                $"{name,-32} {query.Length,4} in {bytes,5} out  {factor,5:0.00} x   on the wire {onWire,5:0.00} x");
            if (factor > factorMax || onWire > FactorOnWireMax || bytes > ReplySizeMax
                || (factorMax > 0) != (bytes > 0))
            {
                wrong.Add(name);
            }
        }

        output.WriteLine(table.ToString());
        Assert.True(wrong.Count == 0, $"{string.Join(", ", wrong)}\n{table}");
    }

    /// <summary>
    /// However fast a victim's address is forged: sixty answers at once, then twenty a second, none above 1,024
    /// bytes.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void BytesToAVictimInASecond_HaveABound(IpFamily family)
    {
        const int seconds = 30;
        NodeHarness node = FullNode(throttled: true);
        Endpoint victim = VictimOf(family);
        byte[] query = Bytes(Queries[5].Query);
        long bytes = 0;
        long answers = 0;
        for (int millisecond = 0; millisecond < seconds * 1_000; millisecond++)
        {
            node.Advance(TimeSpan.FromMilliseconds(1));
            for (int i = 0; i < 10; i++)
            {
                // Any port, and over IPv6 any host of the /64.
                node.Node.Receive(query, HostOf(victim, millisecond + i), node.Now);
            }

            (long sent, long count) = Drain(node, victim);
            bytes += sent;
            answers += count;
        }

        // Verifying pings go there too: two at once, then at most one in five seconds, of 70 bytes at most.
        const long answersMax = 60 + (20 * seconds) + 1;
        const long pingsMax = 2 + (seconds / 5);
        output.WriteLine(
            $"{family}: {seconds * 10_000} forged queries in {seconds} s: {answers} datagrams, {bytes} bytes, "
            + $"{bytes / seconds} a second.");
        Assert.InRange(answers, answersMax - 61, answersMax + pingsMax);
        Assert.InRange(bytes, 1, (answersMax * ReplySizeMax) + (pingsMax * 70));
    }

    /// <summary>
    /// A forger who floods the throttle with a million other addresses does not get its victim's limit lifted.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void AMillionOtherAddresses_DoNotLiftTheLimitOfAVictim(IpFamily family)
    {
        NodeHarness node = FullNode(throttled: true);
        Endpoint victim = VictimOf(family);
        byte[] query = Bytes(Queries[1].Query);
        long answers = 0;
        for (int i = 0; i < 1_000_000; i++)
        {
            if (i % 100 == 0)
            {
                node.Advance(TimeSpan.FromMilliseconds(1));
                node.Node.Receive(query, victim, node.Now);
                answers += Drain(node, victim).Count;
            }

            node.Node.Receive(query, TestEndpoints.Public(family, 1_000 + (i * 7 % 1_000_003)), node.Now);
            node.Outbox.Clear();
        }

        output.WriteLine($"{family}: {answers} datagrams to the victim in 10 s, among a million addresses.");
        Assert.InRange(answers, 60, 60 + 200 + 1 + 1);
    }

    /// <summary>An address that is forged is pinged once a minute at most, whatever its ports.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void VerifyingPings_AreRare(IpFamily family)
    {
        const int minutes = 10;
        foreach (bool manyPorts in new[] { false, true })
        {
            var node = new NodeHarness();
            long pings = 0;
            for (int step = 0; step < minutes * 60 * 10; step++)
            {
                node.Advance(TimeSpan.FromMilliseconds(100));
                node.Receive(
                    Bytes(Queries[0].Query), VictimOf(family).WithPort(manyPorts ? (ushort)(1 + step) : (ushort)6881));
                pings += node.Take().Count(static entry => entry.Datagram.AsSpan().EndsWith("1:y1:qe"u8));
            }

            output.WriteLine(
                $"{family}, {(manyPorts ? "many ports" : "one port")}: {pings} pings in {minutes} minutes.");
            Assert.InRange(pings, 1, manyPorts ? (minutes * 12) + 2 : minutes + 1);
        }
    }

    /// <summary>Contacts that a forged query or a reply without a query names are never asked.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void WhatNobodyAskedFor_MakesUsSendNothingToOthers(IpFamily family)
    {
        var node = new NodeHarness();
        Endpoint victim = VictimOf(family);
        string contacts =
            string.Concat(Enumerable.Range(0, 16).Select(i => WireText.Of(new CompactNode(
                NodeId.Random(new SeededRandomSource((ulong)i)), victim.WithPort((ushort)(1 + i))))));
        string list = (family == IpFamily.IPv6 ? "6:nodes6" : "5:nodes") + Str(contacts);
        for (int i = 0; i < 1_000; i++)
        {
            Endpoint liar = TestEndpoints.Public(family, i);
            node.Receive(Wire.Query("find_node", $"{list}6:target20:{IdB}"), liar);
            node.Receive(NodeHarness.Pong("aaaa", IdB, list), liar);
            node.Advance(TimeSpan.FromSeconds(1));
            Assert.All(node.Take(), entry => Assert.False(entry.To.HasSameAddress(victim)));
        }
    }

    private static string Smallest(string method, string arguments = "") =>
        $"d1:ad2:id20:{IdA}{arguments}e1:q{Str(method)}1:t1:a1:y1:qe";

    private static Endpoint VictimOf(IpFamily family) => family == IpFamily.IPv6 ? Victim6 : Victim4;

    private static Endpoint HostOf(in Endpoint victim, int number) => victim.IsIPv6
        ? Endpoint.FromIPv6(victim.UpperBits, (ulong)number, (ushort)(1 + (number % 60_000)))
        : victim.WithPort((ushort)(1 + (number % 60_000)));

    /// <summary>
    /// Bytes that one query brings its sender, all datagrams together but without the verifying ping, which is one a
    /// minute.
    /// </summary>
    private static (int Bytes, int OnWire) Answer(NodeHarness node, string query, Endpoint victim, int headers)
    {
        node.Take();
        node.Receive(Bytes(query), victim);
        byte[][] replies =
        [
            .. node.Take().Select(static entry => entry.Datagram)
                .Where(static bytes => !bytes.AsSpan().EndsWith("1:y1:qe"u8)),
        ];
        Assert.InRange(replies.Length, 0, 1);
        return (replies.Sum(static bytes => bytes.Length), replies.Sum(bytes => bytes.Length + headers));
    }

    private static (long Bytes, long Count) Drain(NodeHarness node, in Endpoint victim)
    {
        long bytes = 0;
        long count = 0;
        for (int i = 0; i < node.Outbox.Count; i++)
        {
            if (node.Outbox.Destination(i).HasSameSite(victim))
            {
                bytes += node.Outbox.Datagram(i).Length;
                count++;
            }
        }

        node.Outbox.Clear();
        return (bytes, count);
    }

    /// <summary>A node that has as much to hand out as any.</summary>
    private static NodeHarness FullNode(bool throttled = false)
    {
        var node = new NodeHarness(throttled ? new NodeOptions() : new NodeOptions { AnswersPerSecondPerAddress = 0 });
        var random = new SeededRandomSource(8);
        foreach (IpFamily family in new[] { IpFamily.IPv4, IpFamily.IPv6 })
        {
            for (int i = 0; i < 1_000; i++)
            {
                node.Node.Table(family).Insert(NodeId.Random(random), TestEndpoints.Public(family, i), node.Now);
                node.Node.Peers.TryAdd(InfoHash.Random(random), TestEndpoints.Public(family, i), node.Now);
                if (i < 200)
                {
                    // Of both families as many as a torrent has room for.
                    node.Node.Peers.TryAdd(new InfoHash(Bytes(IdB)), TestEndpoints.Public(family, i), node.Now);
                }
            }
        }

        return node;
    }
}
