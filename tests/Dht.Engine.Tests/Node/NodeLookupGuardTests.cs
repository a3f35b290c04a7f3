using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Tests.Krpc;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Node;

/// <summary>Lookups whose listener ends them in the middle, and lookups among parts of the user that throw.</summary>
public sealed class NodeLookupGuardTests
{
    private static readonly Endpoint Entry = Endpoint.Parse("9.9.9.9:6881");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AListenerThatHasEnoughPeers_EndsItsLookupOnce(bool startsAnother)
    {
        NodeHarness harness = Quiet(new NodeOptions());
        var listener = new Content(harness) { StartsAnother = startsAnother };
        Start(harness, LookupKind.GetPeers, listener, out listener.Handle);
        harness.Advance(TimeSpan.Zero);
        string id = harness.TakeQuery().TransactionId;
        harness.Receive(NodeHarness.Pong(id, values: $"5:token1:x6:valuesl6:{Wire.Text([8, 8, 8, 8, 1, 1])}e"), Entry);
        Assert.Equal([LookupStatus.Cancelled], listener.Ends);
        Assert.Equal(
            (startsAnother ? 1 : 0, 1L, 0L),
            (harness.Node.LookupCount, harness.Counters.Lookups, harness.Counters.Faults));

        // Whatever begins next has a place of its own.
        var first = new Counter();
        var second = new Counter();
        Start(harness, LookupKind.FindNode, first, out LookupHandle one);
        Start(harness, LookupKind.FindNode, second, out LookupHandle other);
        Assert.NotEqual(one.Slot, other.Slot);
        Settle(harness);
        Assert.Equal((1, 1, 0), (first.Ends.Count, second.Ends.Count, harness.Node.LookupCount));
        Assert.Equal(startsAnother ? 2 : 1, listener.Ends.Count);
    }

    [Fact]
    public void ATableThatThrows_LeavesNoLookupWaiting_AndNoPlaceTaken()
    {
        var table = new RecordingTable(IpFamily.IPv4);
        NodeHarness harness = Quiet(new NodeOptions { Tables = [table], LookupsMax = 8 });
        table.ThrowsOnSearch = true;
        for (int i = 0; i < 20; i++)
        {
            var listener = new Counter();
            Start(harness, LookupKind.FindNode, listener, out _);
            Settle(harness);
            Assert.Equal([LookupStatus.NobodyKnown], listener.Ends);
            Assert.Equal((0, i + 1L), (harness.Node.LookupCount, harness.Counters.Faults));
        }
    }

    [Theory]
    [InlineData(LookupKind.FindNode)]
    [InlineData(LookupKind.GetPeers)]
    [InlineData(LookupKind.Announce)]
    public void APolicyThatThrowsAtAnyTime_LeavesNoLookupWaiting(LookupKind kind)
    {
        for (int good = 0; good < 24; good++)
        {
            var policy = new MoodyPolicy();
            NodeHarness harness = Quiet(new NodeOptions(), policy);
            var listener = new Counter();
            policy.Left = good;
            Start(harness, kind, listener, out _);
            for (int turn = 0; turn < 40; turn++)
            {
                harness.Advance(TimeSpan.FromMilliseconds(500));
                Answer(harness);
            }

            policy.Left = int.MaxValue;
            Settle(harness);
            Assert.True(listener.Ends.Count == 1, $"{kind}, {good} good checks: ended {listener.Ends.Count} times");
            Assert.Equal(0, harness.Node.LookupCount);
        }
    }

    /// <summary>Everybody who is asked answers, with a token and with two more contacts.</summary>
    private static void Answer(NodeHarness harness)
    {
        foreach ((Endpoint to, byte[] datagram) in harness.Take())
        {
            KrpcMessage.Parse(datagram, out KrpcMessage message);
            byte[] address = new byte[6];
            to.WriteCompact(address);
            byte[] nodes = new byte[52];
            for (int i = 0; i < 2; i++)
            {
                byte next = (byte)(i + (2 * address[1] % 100));
                new CompactNode(IdAt(next), Endpoint.Parse($"9.{next}.9.9:6881")).Write(nodes.AsSpan(i * 26));
            }

            string id = SeedText(IdAt(address[1]));
            harness.Receive(
                NodeHarness.Pong(Wire.Text(message.TransactionId), id, $"5:nodes52:{Wire.Text(nodes)}5:token1:x"), to);
        }
    }

    private static NodeId IdAt(byte number)
    {
        byte[] bytes = new byte[NodeId.Size];
        Array.Fill(bytes, number);
        return new NodeId(bytes);
    }

    private static string SeedText(NodeId id)
    {
        byte[] bytes = new byte[NodeId.Size];
        id.CopyTo(bytes);
        return Wire.Text(bytes);
    }

    /// <summary>A node that does nothing by itself and knows one entry.</summary>
    private static NodeHarness Quiet(NodeOptions options, IAddressPolicy? policy = null)
    {
        var harness = new NodeHarness(options, policy: policy);
        foreach (NodeTask task in harness.Node.Extensions.Tasks.All)
        {
            task.Remove();
        }

        if (options.Tables.Count == 0)
        {
            harness.Node.AddBootstrap(Entry);
        }

        return harness;
    }

    private static void Start(
        NodeHarness harness, LookupKind kind, ILookupListener listener, out LookupHandle handle) =>
        Assert.True(harness.Node.TryStartLookup(
            new LookupRequest { Kind = kind, Target = IdAt(0x55), Port = 1, Listener = listener },
            harness.Now,
            out handle));

    private static void Settle(NodeHarness harness)
    {
        for (int second = 0; second < 60; second++)
        {
            harness.Advance(TimeSpan.FromSeconds(1));
            harness.Take();
        }
    }

    private class Counter : ILookupListener
    {
        public List<LookupStatus> Ends { get; } = [];

        public virtual void OnPeers(CompactPeers peers, in Endpoint source, long cookie)
        {
        }

        public virtual void OnFinished(in LookupReport report, ReadOnlySpan<CompactNode> closest, long cookie) =>
            Ends.Add(report.Status);
    }

    private sealed class Content(NodeHarness harness) : Counter
    {
        public LookupHandle Handle;

        public bool StartsAnother { get; init; }

        public override void OnPeers(CompactPeers peers, in Endpoint source, long cookie) =>
            harness.Node.CancelLookup(Handle, harness.Now);

        public override void OnFinished(in LookupReport report, ReadOnlySpan<CompactNode> closest, long cookie)
        {
            base.OnFinished(report, closest, cookie);
            if (StartsAnother && Ends.Count == 1)
            {
                Start(harness, LookupKind.FindNode, this, out Handle);
            }
        }
    }

    private sealed class MoodyPolicy : IAddressPolicy
    {
        public int Left { get; set; } = int.MaxValue;

        public AddressVerdict Check(in Endpoint endpoint) =>
            Left-- <= 0 ? throw new NotSupportedException("not today") : AddressPolicy.AllowLocal.Check(endpoint);
    }
}
