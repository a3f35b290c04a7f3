using Dht.Engine.Addressing;

namespace Dht.Engine.Tests.Addressing;

public class EndpointTextTests
{
    [Theory]
    [InlineData("1.2.3.4:6881", "1.2.3.4:6881")]
    [InlineData("0.0.0.0:0", "0.0.0.0:0")]
    [InlineData("255.255.255.255:65535", "255.255.255.255:65535")]
    [InlineData("[::]:1", "[::]:1")]
    [InlineData("[::1]:6881", "[::1]:6881")]
    [InlineData("[2001:DB8::0001]:6881", "[2001:db8::1]:6881")]
    [InlineData("[1:2:3:4:5:6:7:8]:9", "[1:2:3:4:5:6:7:8]:9")]
    [InlineData("[::ffff:1.2.3.4]:80", "[::ffff:1.2.3.4]:80")]
    [InlineData("[64:ff9b::192.0.2.1]:80", "[64:ff9b::c000:201]:80")]
    public void Text_IsParsedAndPrinted(string text, string printed)
    {
        Assert.True(Endpoint.TryParse(text, out Endpoint endpoint));
        Assert.Equal(printed, endpoint.ToString());
        Assert.Equal(endpoint, Endpoint.Parse(printed));
    }

    [Theory]
    [InlineData("")]
    [InlineData(":")]
    [InlineData(":6881")]
    [InlineData("1.2.3.4")]
    [InlineData("1.2.3.4:")]
    [InlineData("1.2.3:4")]
    [InlineData("1.2.3.4.5:6")]
    [InlineData("1.2.3.4:65536")]
    [InlineData("1.2.3.4:99999")]
    [InlineData("1.2.3.4:4294967297")]
    [InlineData("1.2.3.4:-1")]
    [InlineData("1.2.3.4:+1")]
    [InlineData("1.2.3.4:1x")]
    [InlineData("1.2.3.4:0x1")]
    [InlineData("1.2.3.4:06881")]
    [InlineData("1.2.3.4: 6881")]
    [InlineData("1.2.3.4:6881 ")]
    [InlineData(" 1.2.3.4:6881")]
    [InlineData("1.2.3.4 :6881")]
    [InlineData("1. 2.3.4:6881")]
    [InlineData("1.2.3.4:٣")]
    [InlineData("1.2.3.٤:3")]
    [InlineData("01.2.3.4:6881")]
    [InlineData("010.2.3.4:6881")]
    [InlineData("1.2.3.00:6881")]
    [InlineData("1.2.3.256:6881")]
    [InlineData("1.2.3.4000000000:6881")]
    [InlineData("1..3.4:6881")]
    [InlineData(".1.2.3:6881")]
    [InlineData("1.2.3.:6881")]
    [InlineData("1.2.3.4.:6881")]
    [InlineData("0x7f.0.0.1:6881")]
    [InlineData("2130706433:6881")]
    [InlineData("localhost:6881")]
    [InlineData("dht.example.org:6881")]
    [InlineData("::1:6881")]
    [InlineData("::1")]
    [InlineData("[::1]")]
    [InlineData("[::1]:")]
    [InlineData("[::1]6881")]
    [InlineData("[::1]:65536")]
    [InlineData("[::1]:6881]")]
    [InlineData("[::1")]
    [InlineData("::1]:6881")]
    [InlineData("[]:6881")]
    [InlineData("[:]:6881")]
    [InlineData("[:::]:6881")]
    [InlineData("[1.2.3.4]:1")]
    [InlineData("[[::1]]:1")]
    [InlineData("[::1%1]:6881")]
    [InlineData("[fe80::1%eth0]:6881")]
    [InlineData("[2001:db8::1/64]:6881")]
    [InlineData("[ ::1]:6881")]
    [InlineData("[::1 ]:6881")]
    [InlineData("[::g]:6881")]
    [InlineData("[::12345]:6881")]
    [InlineData("[1:2:3:4:5:6:7]:6881")]
    [InlineData("[1:2:3:4:5:6:7:8:9]:6881")]
    [InlineData("[1::2::3]:6881")]
    [InlineData("[::0x1]:6881")]
    [InlineData("[::ffff:01.2.3.4]:6881")]
    [InlineData("[::ffff:1.2.3]:6881")]
    [InlineData("[::ffff:1.2.3.256]:6881")]
    [InlineData("[::1.2.3.4:5]:6881")]
    [InlineData("[::1]:80:6881")]
    public void WrongText_IsRefused(string text)
    {
        Assert.False(Endpoint.TryParse(text, out Endpoint endpoint), endpoint.ToString());
        Assert.Equal(default, endpoint);
        Assert.Throws<FormatException>(() => Endpoint.Parse(text));
    }
}
