using Dht.Cli;
using Dht.Cli.Arguments;
using Dht.Cli.Joining;
using Dht.Engine.Addressing;

namespace Dht.Engine.Tests.Cli;

/// <summary>Which socket reaches those that the user named, and who can be asked from it. Nothing is sent.</summary>
public sealed class EntryNodesTests
{
    private static readonly Dictionary<string, string[]> Names = new()
    {
        ["four.test"] = ["9.9.9.9"],
        ["six.test"] = ["2a00::1"],
        ["both.test"] = ["2a00::1", "9.9.9.9"],
        ["mapped.test"] = ["::ffff:9.9.9.9"],
        ["local.test"] = ["127.0.0.1"],
    };

    [Theory]
    [InlineData("9.9.9.9:1", "0.0.0.0:7")]
    [InlineData("[2a00::1]:1", "[::]:7")]
    [InlineData("[::ffff:9.9.9.9]:1", "0.0.0.0:7")]
    [InlineData("four.test:1", "0.0.0.0:7")]
    [InlineData("mapped.test:1", "0.0.0.0:7")]
    [InlineData("six.test:1", "[::]:7")]
    [InlineData("both.test:1", "[::]:7")]
    [InlineData("9.9.9.9:1 six.test:1", "[::]:7")]
    [InlineData("9.9.9.9:1 [::ffff:9.9.9.8]:1", "0.0.0.0:7")]
    [InlineData("unknown.test:1", "[::]:7")]
    public async Task TheSocketFollowsWhatThePlacesStandFor(string places, string bind)
    {
        EntryNodes nodes = await FindAsync(places, null);

        Assert.Equal(Endpoint.Parse(bind), nodes.Bind);
        Assert.Equal(nodes.Found, nodes.Reached);
    }

    [Theory]
    [InlineData("both.test:1", "0.0.0.0:0", "9.9.9.9:1")]
    [InlineData("both.test:1", "9.9.9.1:0", "9.9.9.9:1")]
    [InlineData("both.test:1", "[2a00::9]:0", "[2a00::1]:1")]
    [InlineData("both.test:1", "[::]:0", "[2a00::1]:1 9.9.9.9:1")]
    public async Task TheUsersSocketRules(string places, string bind, string reached)
    {
        EntryNodes nodes = await FindAsync(places, bind);

        Assert.Equal(Endpoint.Parse(bind), nodes.Bind);
        Assert.Equal(reached, string.Join(' ', nodes.Reached));
        Assert.Null(nodes.WhyNobody());
    }

    [Theory]
    [InlineData("six.test:1", "0.0.0.0:0",
        "six.test:1 has IPv6 addresses only, which a socket at 0.0.0.0:0 does not reach; leave --bind out, or give "
            + "--bind [::]:0")]
    [InlineData("four.test:1", "[2a00::9]:0",
        "four.test:1 has IPv4 addresses only, which a socket at [2a00::9]:0 does not reach; leave --bind out, or give "
            + "--bind [::]:0")]
    [InlineData("six.test:1 [2a00::2]:2", "0.0.0.0:0", "the 2 bootstrap nodes have IPv6 addresses only, which a ")]
    [InlineData("unknown.test:1", null, "the name unknown.test could not be resolved")]
    [InlineData("unknown.test:1 other.test:1", null, "none of 2 names could be resolved, unknown.test the first ")]
    [InlineData("local.test:1", null, "127.0.0.1 is a loopback address; use --allow-loopback")]
    [InlineData("", "127.0.0.1:0", "nobody is known; name nodes with --bootstrap")]
    public async Task WhyThereIsNobodyToAsk(string places, string? bind, string reason)
    {
        EntryNodes nodes = await FindAsync(places, bind);

        Assert.Empty(nodes.Reached);
        Assert.StartsWith(reason, nodes.WhyNobody(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1:1", true)]
    [InlineData("127.0.0.1:1 9.9.9.9:1", false)]
    [InlineData("local.test:1", false)]
    public async Task OnlyAddressesAreRefusedForGood(string places, bool isRefused)
    {
        EntryNodes nodes = await FindAsync(places, null);

        Assert.Equal(isRefused, Record.Exception(nodes.ThrowIfForbidden) is FailureException);
    }

    [Fact]
    public async Task AUserWhoGivesUp_FindsNothing()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        EntryNodes nodes = await EntryNodes.FindAsync(
            Network("four.test:1", null),
            0,
            stop.Token,
            static (_, stop) => Task.FromCanceled<IReadOnlyList<Endpoint>>(stop));

        Assert.Empty(nodes.Found);
    }

    [Theory]
    [InlineData("9.9.9.9:1", true, true, "0.0.0.0:7")]
    [InlineData("9.9.9.9:1 [2a00::1]:1", true, true, "0.0.0.0:7")]
    [InlineData("9.9.9.9:1 [2a00::1]:1", false, true, "[::]:7")]
    [InlineData("9.9.9.9:1 [2a00::1]:1", false, false, "0.0.0.0:7")]
    [InlineData("[2a00::1]:1", false, true, "[::]:7")]
    [InlineData("", false, true, "0.0.0.0:7")]
    public void ThePublicRouters_AreAskedOverIPv4_AsLongAsThereIsAWay(
        string found, bool hasIPv4Route, bool hasIPv6, string bind)
    {
        Endpoint chosen = SocketChoice.UsualFor(
            [.. Words(found).Select(static text => Endpoint.Parse(text))], 7, hasIPv6, _ => hasIPv4Route);

        Assert.Equal(Endpoint.Parse(bind), chosen);
    }

    [Fact]
    public void WithoutIPv6_ASocketIsOfIPv4() =>
        Assert.Equal(
            Endpoint.Parse("0.0.0.0:0"), SocketChoice.WildcardFor([Endpoint.Parse("[2a00::1]:1")], 0, hasIPv6: false));

    [Fact]
    public void ARouteToOurselves_IsAlwaysThere() =>
        Assert.True(SocketChoice.HasRoute(Endpoint.Parse("127.0.0.1:9")));

    private static Task<EntryNodes> FindAsync(string places, string? bind) =>
        EntryNodes.FindAsync(Network(places, bind), 7, default, ResolveAsync);

    private static NetworkSettings Network(string places, string? bind) => new()
    {
        Bootstrap = HostPort.ParseAll(Words(places)),
        Bind = bind == null ? null : Endpoint.Parse(bind),
    };

    private static Task<IReadOnlyList<Endpoint>> ResolveAsync(
        IReadOnlyList<HostPort> places, CancellationToken cancellation) =>
        BootstrapNodes.ResolveAsync(
            [
                .. places.SelectMany(static place => place.IsAddress
                    ? [place]
                    : Names.GetValueOrDefault(place.Host, []).Select(address =>
                        HostPort.FromEndpoint(
                            Endpoint.FromAddress(System.Net.IPAddress.Parse(address), place.Port)))),
            ],
            IpFamily.Both,
            cancellation);

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
