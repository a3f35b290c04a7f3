using Dht.Engine.Addressing;
using Dht.Engine.Node;

namespace Dht.Engine.Tests.Engine;

/// <summary>
/// What programs give as an IPv4 address inside an IPv6 one is the IPv4 address. On the wire it is refused all the
/// same: no node has a reason to write it so.
/// </summary>
public sealed class MappedEndpointTests
{
    [Fact]
    public void AHostPort_IsTheIPv4Address()
    {
        HostPort place = HostPort.Parse("[::ffff:192.0.2.1]:6881");
        Assert.Equal(HostPort.Parse("192.0.2.1:6881"), place);
        Assert.Equal(("192.0.2.1", "192.0.2.1:6881"), (place.Host, place.ToString()));
        Assert.Equal(place, HostPort.FromEndpoint(Endpoint.Parse("[::ffff:192.0.2.1]:6881")));
    }

    [Fact]
    public async Task Resolution_GivesTheIPv4Address()
    {
        HostPort[] places = [HostPort.Parse("[::ffff:192.0.2.1]:1"), Endpoint.Parse("[::ffff:192.0.2.2]:2")];
        Assert.Equal(
            [Endpoint.Parse("192.0.2.1:1"), Endpoint.Parse("192.0.2.2:2")],
            await BootstrapNodes.ResolveAsync(places, IpFamily.IPv4));
    }

    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("[::ffff:127.0.0.1]:0")]
    [InlineData("[::]:0")]
    public async Task AnEngine_BindsJoinsPingsAndCrawls(string bind)
    {
        await using DhtEngine other = Loopback.Start(Loopback.Options());
        Endpoint mapped = Map(other.LocalEndpoint);
        await using DhtEngine engine = Loopback.Start(Loopback.Options() with
        {
            Bind = Endpoint.Parse(bind),
            Bootstrap = [mapped],
        });
        Assert.Equal(Endpoint.Parse(bind).Unmap().Family, engine.LocalEndpoint.Family);

        JoinResult joined = await engine.JoinAsync().WaitAsync(Loopback.Patience);
        PingResult ping = await engine.PingAsync(mapped).AsTask().WaitAsync(Loopback.Patience);
        CrawlReport crawl = await engine.CrawlAsync(new CrawlRequest { Start = [mapped], UntilComplete = true })
            .WaitAsync(Loopback.Patience);

        Assert.Equal(LookupStatus.Finished, joined.Status);
        Assert.Equal(QueryStatus.Answered, ping.Status);
        Assert.Equal(other.Id, ping.Id);
        Assert.Equal(1, crawl.Counters.NodesAlive);
    }

    private static Endpoint Map(in Endpoint endpoint) =>
        Endpoint.FromIPv6(0, 0xFFFF_0000_0000UL | endpoint.IPv4Bits, endpoint.Port);
}
