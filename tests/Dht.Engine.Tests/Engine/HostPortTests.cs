using System.Net;
using System.Net.Sockets;
using Dht.Engine.Addressing;

namespace Dht.Engine.Tests.Engine;

public sealed class HostPortTests
{
    [Theory]
    [InlineData("router.example.org:6881", "router.example.org", 6881)]
    [InlineData("localhost:1", "localhost", 1)]
    [InlineData("xn--bcher-kva.example:65535", "xn--bcher-kva.example", 65535)]
    public void AName_IsReadAndWritten(string text, string host, int port)
    {
        HostPort place = HostPort.Parse(text);
        Assert.Equal((host, port, text), (place.Host, place.Port, place.ToString()));
        Assert.True(place.IsComplete);
        Assert.False(place.IsAddress);
        Assert.False(place.TryGetEndpoint(out _));
        Assert.Equal(place, HostPort.Parse(text.AsSpan()));
    }

    [Theory]
    [InlineData("192.0.2.1:6881", "192.0.2.1")]
    [InlineData("[2001:db8::1]:6881", "2001:db8::1")]
    public void AnAddress_IsAHost(string text, string host)
    {
        Assert.True(HostPort.TryParse(text, out HostPort place));
        Assert.Equal((host, 6881, text), (place.Host, place.Port, place.ToString()));
        Assert.True(place.IsComplete && place.IsAddress);
        Assert.True(place.TryGetEndpoint(out Endpoint endpoint));
        Assert.Equal(Endpoint.Parse(text), endpoint);

        HostPort converted = endpoint;
        Assert.Equal(place, converted);
        Assert.Equal(place.GetHashCode(), converted.GetHashCode());
    }

    [Theory]
    [InlineData("")]
    [InlineData(":6881")]
    [InlineData("router.example.org")]
    [InlineData("router.example.org:")]
    [InlineData("router.example.org:0")]
    [InlineData("router.example.org:-1")]
    [InlineData("router.example.org:65536")]
    [InlineData("router.example.org: 1")]
    [InlineData("192.0.2:1")]
    [InlineData("1.2.3.4.5:1")]
    [InlineData("a b:1")]
    [InlineData("http://x:1")]
    [InlineData("[2001:db8::1]")]
    [InlineData("[router]:1")]
    public void AnythingElse_IsRefused(string text)
    {
        Assert.False(HostPort.TryParse(text, out HostPort place));
        Assert.Equal(default, place);
        FormatException failure = Assert.Throws<FormatException>(() => HostPort.Parse(text));
        Assert.Contains($"'{text}' is not HOST:PORT", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_IsIncomplete()
    {
        Assert.False(default(HostPort).IsComplete);
        Assert.False(HostPort.FromEndpoint(default).IsComplete);
        Assert.False(HostPort.FromEndpoint(Endpoint.Parse("192.0.2.1:0")).IsComplete);
        Assert.Equal(string.Empty, default(HostPort).Host);
        Assert.False(HostPort.TryParse(null, out _));
    }

    [Fact]
    public async Task Resolution_PassesAddressesOn_AndTakesTheFamiliesAsked()
    {
        Endpoint four = Endpoint.Parse("192.0.2.1:1");
        Endpoint six = Endpoint.Parse("[2001:db8::1]:2");
        HostPort[] places = [four, six, four, HostPort.Parse("no-such-host.invalid:6881")];
        Assert.Equal([four, six], await BootstrapNodes.ResolveAsync(places));
        Assert.Equal([four, six], await BootstrapNodes.ResolveAsync(places, IpFamily.None));
        Assert.Equal([four, six], await BootstrapNodes.ResolveAsync(places, IpFamily.Both));
        Assert.Equal([four], await BootstrapNodes.ResolveAsync(places, IpFamily.IPv4));
        Assert.Equal([six], await BootstrapNodes.ResolveAsync(places, IpFamily.IPv6));
        await Assert.ThrowsAsync<ArgumentException>(() => BootstrapNodes.ResolveAsync([default]));
        Assert.All(BootstrapNodes.Public, static place => Assert.True(place is { IsComplete: true, IsAddress: false }));
    }

    [Fact]
    public async Task Resolution_TakesEightOfEachFamily_AndUnmaps()
    {
        IPAddress[] addresses =
        [
            .. Enumerable.Range(1, 9).Select(static n => IPAddress.Parse($"2a00::{n}")),
            IPAddress.Parse("::ffff:9.9.9.1"),
            .. Enumerable.Range(2, 9).Select(static n => IPAddress.Parse($"9.9.9.{n}")),
        ];
        HostPort[] places = [HostPort.Parse("both.example:1"), HostPort.Parse("broken.example:1")];
        Endpoint[] found = [.. await BootstrapNodes.ResolveByAsync(Resolve, places, IpFamily.Both, default)];
        Endpoint[] ipv4 = [.. await BootstrapNodes.ResolveByAsync(Resolve, places, IpFamily.IPv4, default)];

        Assert.Equal(16, found.Length);
        Assert.Equal(8, found.Count(static endpoint => endpoint.IsIPv6));
        Assert.Equal(Endpoint.Parse("9.9.9.1:1"), found[8]);
        Assert.Equal(found[8..], ipv4);

        Task<IPAddress[]> Resolve(string host, CancellationToken cancellation) => host == "both.example"
            ? Task.FromResult(addresses)
            : Task.FromException<IPAddress[]>(new SocketException());
    }
}
