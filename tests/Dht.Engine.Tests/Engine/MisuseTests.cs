using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Storage;
using Dht.Engine.Tests.Support;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Engine;

/// <summary>What a user may get wrong: each throws at the call, and the message names the thing.</summary>
public sealed class MisuseTests : IAsyncDisposable
{
    private static readonly CustomMethod<KrpcDocument, KrpcDocument> Hello = new("hello");

    private readonly DhtEngine _engine = new(Loopback.Options());

    public async ValueTask DisposeAsync() => await _engine.DisposeAsync();

    [Fact]
    public void NothingWhereSomethingIsWanted()
    {
        Says<ArgumentNullException>("handler", () => _engine.Handlers.Add(null!));
        Says<ArgumentNullException>("handler", () => _engine.Handlers.Add("ping", null!));
        Says<ArgumentNullException>("method", () => _engine.Handlers.Add(null!, static (ref QueryContext _) => { }));
        Says<ArgumentNullException>("observer", () => _engine.Observers.Add(null!));
        Says<ArgumentNullException>("action", () => _engine.Tasks.Add("x", TimeSpan.FromSeconds(1), null!));
        Says<ArgumentNullException>(
            "name", () => _engine.Tasks.Add(null!, TimeSpan.FromSeconds(1), static (_, _) => { }));
        Says<ArgumentNullException>("name", () => _engine.Tasks.Find(null!));
        Says<ArgumentNullException>(
            "method",
            () => _engine.Methods.Answer((CustomMethod<KrpcDocument, KrpcDocument>)null!, static asked => asked));
        Says<ArgumentNullException>(
            "answer", () => _engine.Methods.Answer(Hello, (Func<KrpcDocument, KrpcDocument>)null!));
        Says<ArgumentNullException>("answer", () => _engine.Methods.Answer(Hello, (MethodAnswer<KrpcDocument>)null!));
        Says<ArgumentNullException>("table", () => new DhtEngine((IRoutingTable)null!));
        Says<ArgumentNullException>("function", () => _engine.InvokeAsync<int>(null!));
        Says<ArgumentNullException>("action", () => _engine.InvokeAsync(null!));
        Says<ArgumentNullException>("request", () => _engine.StartCrawl(null!));
    }

    [Fact]
    public async Task NothingToAsk()
    {
        await SaysAsync<ArgumentNullException>(
            "method", () => _engine.QueryAsync<KrpcDocument, KrpcDocument>(null!, Loopback.AnyPort, Document()));
        await SaysAsync<ArgumentNullException>("arguments", () => _engine.QueryAsync(Hello, Loopback.AnyPort, null!));
    }

    [Fact]
    public void NamesOfMethods()
    {
        Says<ArgumentException>("'ping'", () => new CustomMethod<KrpcDocument, KrpcDocument>("ping"));
        Says<ArgumentException>("query handler", () => new CustomMethod<KrpcDocument, KrpcDocument>("find_node"));
        Says<ArgumentException>("name", () => new CustomMethod<KrpcDocument, KrpcDocument>(""));
        Says<ArgumentException>(
            "at most 64 bytes", () => new CustomMethod<KrpcDocument, KrpcDocument>(new string('x', 65)));
        Says<ArgumentException>("method", () => _engine.Handlers.Add("", static (ref QueryContext _) => { }));
        _engine.Methods.Answer(Hello, static asked => asked);
        Says<InvalidOperationException>(
            "'hello' is answered already", () => _engine.Methods.Answer(Hello, static asked => asked));
    }

    [Fact]
    public void NamesAndIntervalsOfTasks()
    {
        Says<ArgumentException>(
            "'join'", () => _engine.Tasks.Add(NodeTasks.Join, TimeSpan.FromSeconds(1), static (_, _) => { }));
        Says<ArgumentException>("name", () => _engine.Tasks.Add("", TimeSpan.FromSeconds(1), static (_, _) => { }));
        Says<ArgumentOutOfRangeException>("1 ms", () => _engine.Tasks.Add("x", TimeSpan.Zero, static (_, _) => { }));
        Says<ArgumentOutOfRangeException>("1 ms", () => _engine.Tasks.Find(NodeTasks.Join)!.Interval = TimeSpan.Zero);
    }

    [Fact]
    public void Tables()
    {
        NodeWith<ArgumentOutOfRangeException>(
            "BucketSize", node => node with { Table = new RoutingTableOptions { BucketSize = 0 } });
        NodeWith<ArgumentOutOfRangeException>(
            "CacheSize", node => node with { Table = new RoutingTableOptions { CacheSize = -1 } });
        NodeWith<ArgumentOutOfRangeException>(
            "Kademlia or Mainline", node => node with { TableKind = (RoutingTableKind)9 });
        NodeWith<ArgumentNullException>("Table", node => node with { Table = null! });
        NodeWith<ArgumentNullException>("Tables", node => node with { Tables = null! });
        NodeWith<ArgumentException>("null", node => node with { Tables = [null!] });
        NodeWith<ArgumentException>(
            "IPv4",
            node => node with { Tables = [new RecordingTable(IpFamily.IPv4), new RecordingTable(IpFamily.IPv4)] });
        Says<ArgumentException>("IPv6", () => new DhtEngine(
            new RecordingTable(IpFamily.IPv6),
            Loopback.Options() with { Node = new NodeOptions { Tables = [new RecordingTable(IpFamily.IPv6)] } }));
        Says<ArgumentException>(
            "IPv4 or IPv6", () => new DhtEngine(new RecordingTable(IpFamily.None), Loopback.Options()));
        Says<ArgumentException>("choose Kademlia or MainLine", () => RoutingTables.ParseKind("chord"));
    }

    [Theory]
    [InlineData("ContactsPerReply")]
    [InlineData("OpenQueriesMax")]
    [InlineData("AnswerBurst")]
    [InlineData("QueryBurst")]
    [InlineData("LookupsMax")]
    [InlineData("LookupParallelism")]
    [InlineData("ExternalAddressQuorum")]
    public void NegativeLimitsOfTheNode(string name)
    {
        foreach (int wrong in (int[])[0, -1, int.MinValue])
        {
            var options = new NodeOptions();
            typeof(NodeOptions).GetProperty(name)!.SetValue(options, wrong);
            NodeWith<ArgumentOutOfRangeException>(name, _ => options);
            Says<ArgumentOutOfRangeException>(name, () => new NodeHarness(options));
        }
    }

    [Theory]
    [InlineData("InfoHashCapacity")]
    [InlineData("PeerCapacity")]
    [InlineData("PeersPerInfoHash")]
    public void LimitsOfThePeerStore(string name)
    {
        foreach (int wrong in (int[])[0, -1, int.MinValue])
        {
            var bounds = new PeerStoreOptions();
            typeof(PeerStoreOptions).GetProperty(name)!.SetValue(bounds, wrong);
            NodeWith<ArgumentOutOfRangeException>(name, node => node with { Peers = bounds });
        }

        var own = new PeerStore(new PeerStoreOptions(), new SeededRandomSource(1));
        NodeWith<ArgumentException>("set one", node => node with { PeerStore = own, Peers = new PeerStoreOptions() });
    }

    [Fact]
    public void OtherLimitsOfTheNode()
    {
        foreach (double wrong in (double[])[-1, double.NaN, double.PositiveInfinity])
        {
            NodeWith<ArgumentOutOfRangeException>(
                "AnswersPerSecondPerAddress", node => node with { AnswersPerSecondPerAddress = wrong });
            NodeWith<ArgumentOutOfRangeException>(
                "QueriesPerSecondPerAddress", node => node with { QueriesPerSecondPerAddress = wrong });
        }

        NodeWith<ArgumentOutOfRangeException>("QueryTimeout", node => node with { QueryTimeout = TimeSpan.Zero });
        NodeWith<ArgumentOutOfRangeException>("OpenQueriesMax", node => node with { OpenQueriesMax = int.MaxValue });
        NodeWith<ArgumentOutOfRangeException>("Version", node => node with { Version = new byte[17] });
    }

    [Fact]
    public void OptionsOfTheEngine()
    {
        With<ArgumentOutOfRangeException>("MailboxCapacity", options => options with { MailboxCapacity = 0 });
        With<ArgumentOutOfRangeException>("MailboxCapacity", options => options with { MailboxCapacity = -5 });
        With<ArgumentOutOfRangeException>(
            "Auto, Ring or Batch", options => options with { Transport = (TransportKind)9 });
        With<ArgumentException>("Bind", options => options with { Bind = default });
        With<ArgumentNullException>("AddressPolicy", options => options with { AddressPolicy = null! });
        With<ArgumentNullException>("Node", options => options with { Node = null! });
        With<ArgumentNullException>("Bootstrap", options => options with { Bootstrap = null! });
        With<ArgumentNullException>("Routers", options => options with { Routers = null! });
        With<ArgumentException>("StatePath", options => options with { StatePath = " " });
    }

    [Fact]
    public void EntriesToJoinThrough()
    {
        HostPort[] many = [.. Enumerable.Range(1, 33).Select(port => Loopback.AnyPort.WithPort((ushort)port))];
        HostPort[] others = [.. Enumerable.Range(1001, 33).Select(port => Loopback.AnyPort.WithPort((ushort)port))];
        With<ArgumentException>("at most 64", options => options with { Bootstrap = many, Routers = others });
        _ = new DhtEngine(Loopback.Options() with { Bootstrap = many, Routers = [.. others.Take(31)] });
        With<ArgumentException>("Routers", options => options with { Routers = [default] });
        With<ArgumentException>("Bootstrap", options => options with { Bootstrap = [Loopback.AnyPort] });
        string[] wrongs =
            ["router.example.org", "router.example.org:", "router.example.org:0", ":6881", "x:65536", ""];
        foreach (string wrong in wrongs)
        {
            Says<FormatException>($"'{wrong}' is not HOST:PORT", () => HostPort.Parse(wrong));
            Says<FormatException>(
                $"'{wrong}' is not HOST:PORT", () => HostPort.ParseAll(["router.example.org:1", wrong]));
        }

        Says<ArgumentNullException>("text", () => HostPort.ParseAll([null!]));
        Says<ArgumentNullException>("text", () => HostPort.Parse(null!));
    }

    [Fact]
    public async Task CallsBeforeTheStart()
    {
        Says<InvalidOperationException>("call Start", () => _engine.Id);
        Says<InvalidOperationException>("call Start", () => _engine.LocalEndpoint);
        Says<InvalidOperationException>("call Start", () => _engine.Counters);
        Says<InvalidOperationException>("call Start", () => _engine.Completion);
        Says<InvalidOperationException>("call Start", () => _engine.GetPeersAsync(default));
        await SaysAsync<InvalidOperationException>("call Start", () => _engine.PingAsync(Loopback.AnyPort).AsTask());
        await SaysAsync<InvalidOperationException>("call Start", () => _engine.JoinAsync());
        await SaysAsync<InvalidOperationException>("call Start", () => _engine.FindNodeAsync(default));
        await SaysAsync<InvalidOperationException>("call Start", () => _engine.AnnounceAsync(default, 1));
        await SaysAsync<InvalidOperationException>(
            "call Start", () => _engine.QueryAsync(Hello, Loopback.AnyPort, Document()));
        await SaysAsync<InvalidOperationException>("call Start", () => _engine.InvokeAsync((_, _) => 1));
        await SaysAsync<InvalidOperationException>(
            "call Start", () => _engine.SetExternalAddressAsync(Loopback.AnyPort));
        await SaysAsync<InvalidOperationException>(
            "call Start", () => _engine.CrawlAsync(new CrawlRequest { Start = [Loopback.AnyPort] }));
        await _engine.StopAsync();
        await _engine.DisposeAsync();
    }

    [Fact]
    public async Task CallsOfARunningEngine()
    {
        await using DhtEngine engine = _engine;
        engine.Start();
        Says<InvalidOperationException>("stop it before", engine.Start);
        await SaysAsync<ArgumentException>("external address", () => engine.SetExternalAddressAsync(default));
        Says<ArgumentOutOfRangeException>(
            "AsksPerNodeMax", () => engine.StartCrawl(
                new CrawlRequest { Options = new CrawlOptions { AsksPerNodeMax = 0 } }));

        PeerSearch search = engine.GetPeersAsync(new InfoHash(new byte[20]));
        await foreach (Endpoint _ in search)
        {
        }

        await SaysAsync<InvalidOperationException>("call GetPeersAsync again", async () =>
        {
            await foreach (Endpoint _ in search)
            {
            }
        });

        var long1400 = new KrpcDocument(new Dht.Engine.Bencode.BencodeBuilder { ["x"] = new byte[1400] });
        await SaysAsync<ArgumentException>(
            "'hello'", () => engine.QueryAsync(Hello, Loopback.AnyPort.WithPort(9), long1400));
        Assert.Equal(QueryStatus.Forbidden, (await engine.QueryAsync(Hello, default, Document())).Status);
    }

    private static KrpcDocument Document() => new(new Dht.Engine.Bencode.BencodeBuilder());

    private static void With<T>(string what, Func<DhtEngineOptions, DhtEngineOptions> change)
        where T : Exception => Says<T>(what, () => new DhtEngine(change(Loopback.Options())));

    private static void NodeWith<T>(string what, Func<NodeOptions, NodeOptions> change)
        where T : Exception => With<T>(what, options => options with { Node = change(options.Node) });

    private static void Says<T>(string what, Func<object?> misuse)
        where T : Exception => Assert.Contains(what, Assert.Throws<T>(misuse).Message, StringComparison.Ordinal);

    private static void Says<T>(string what, Action misuse)
        where T : Exception => Assert.Contains(what, Assert.Throws<T>(misuse).Message, StringComparison.Ordinal);

    private static async Task SaysAsync<T>(string what, Func<Task> misuse)
        where T : Exception => Assert.Contains(
            what, (await Assert.ThrowsAsync<T>(misuse)).Message, StringComparison.Ordinal);
}
