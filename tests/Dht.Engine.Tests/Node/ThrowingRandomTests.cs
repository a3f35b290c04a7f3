using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Node;

/// <summary>A random source of the user's that throws, in a node or a crawler that is driven by hand.</summary>
public sealed class ThrowingRandomTests : IRandomSource
{
    private readonly SeededRandomSource _inner = new(5);
    private bool _throws;

    [Fact]
    public void InATaskOfTheNodesOwn_ItIsReported_AndTheOthersRun()
    {
        Instant now = Instant.Zero + TimeSpan.FromHours(1);
        var outbox = new Outbox(64, 64 * Outbox.DatagramSizeMax, AddressPolicy.AllowLocal);
        var faults = new List<Exception>();
        int ran = 0;
        var extensions = new NodeExtensions { OnFault = faults.Add };
        extensions.Tasks.Add("mine", TimeSpan.FromMinutes(5), (_, _) => ran++);
        var node = new MainlineNode(new NodeOptions(), outbox, this, now, extensions);

        // The tokens are the only thing that this node draws for.
        _throws = true;
        node.Tick(now + TimeSpan.FromMinutes(5));
        Assert.IsType<NotSupportedException>(Assert.Single(faults));
        Assert.Equal(1, node.Counters.Faults);
        Assert.Equal(1, ran);
    }

    [Fact]
    public void WhileALookupIsFilled_ItCostsNoPlace()
    {
        Instant now = Instant.Zero + TimeSpan.FromHours(1);
        var outbox = new Outbox(64, 64 * Outbox.DatagramSizeMax, AddressPolicy.AllowLocal);
        var node = new MainlineNode(new NodeOptions { LookupsMax = 8 }, outbox, this, now);
        var contact = new CompactNode(NodeId.Random(_inner), Endpoint.Parse("8.8.8.8:6881"));
        node.AddSaved(new NodeState { Contacts = [contact] });
        var request = new LookupRequest { Kind = LookupKind.FindNode, Target = NodeId.Random(_inner) };

        // Which of the saved contacts is asked first is drawn.
        _throws = true;
        for (int i = 0; i < 20; i++)
        {
            Assert.Throws<NotSupportedException>(() => node.TryStartLookup(request, now, out _));
            node.CheckInvariants();
            Assert.Equal(0, node.LookupCount);
        }

        _throws = false;
        Assert.True(node.TryStartLookup(request, now, out _));
        Assert.Equal(1, node.LookupCount);
    }

    [Fact]
    public void WhileANodeIsAsked_TheCrawlAsksItLater()
    {
        Instant now = Instant.Zero + TimeSpan.FromHours(1);
        var outbox = new Outbox(64, 64 * Outbox.DatagramSizeMax, AddressPolicy.Public);
        var crawler = new Crawler(
            new CrawlOptions { ExpectedNodes = 64 }, new PlainObserver(), outbox, AddressPolicy.Public, this, now);
        Assert.True(crawler.AddEndpoint(Endpoint.Parse("8.8.8.8:6881"), now));
        _throws = true;
        Assert.Throws<NotSupportedException>(() => crawler.Tick(now));
        crawler.CheckInvariants();
        Assert.Equal(0, crawler.Counters.Queries);

        _throws = false;
        crawler.Tick(now + TimeSpan.FromSeconds(1));
        crawler.CheckInvariants();
        Assert.Equal(1, crawler.Counters.Queries);
        Assert.False(crawler.IsComplete);
    }

    void IRandomSource.Fill(Span<byte> destination)
    {
        if (_throws)
        {
            throw new NotSupportedException("no chance");
        }

        _inner.Fill(destination);
    }

    // It does not say whether it is ready: it always is.
    private sealed class PlainObserver : ICrawlObserver
    {
        public void OnNode(in CrawledNode node)
        {
        }
    }
}
