using Dht.Cli.Arguments;
using Dht.Engine.Identity;

namespace Dht.Engine.Tests.Cli;

public sealed class InfoHashTextTests
{
    private const string Hex = LoopbackDht.InfoHashText;
    private const string Base32 = "AERUKZ4JVPG66AJDIVTYTK6N54ASGRLH";
    private const string OtherHex = "ffffffffffffffffffffffffffffffffffffffff";
    private const string V2 = Hex + "89abcdef0123456789abcdef";

    [Theory]
    [InlineData(Hex)]
    [InlineData("0123456789ABCDEF0123456789ABCDEF01234567")]
    [InlineData(Base32)]
    [InlineData("aerukz4jvpg66ajdivtytk6n54asgrlh")]
    [InlineData(V2)]
    [InlineData("urn:btih:" + Hex)]
    [InlineData("URN:BTIH:" + Base32)]
    [InlineData("urn:btmh:1220" + V2)]
    [InlineData("magnet:?xt=urn:btih:" + Hex)]
    [InlineData("MAGNET:?dn=x&XT=urn%3Abtih%3A" + Base32 + "&tr=udp%3A%2F%2Fa.b%3A1")]
    [InlineData("magnet:?xt.1=urn:btmh:1220" + V2)]
    [InlineData("magnet:?xt=urn:ed2k:31D6CFE0D16AE931B73C59D7E0C089C0&xt=urn:btih:" + Hex)]
    [InlineData("magnet:?xt=urn:btmh:1220ffff" + V2 + "&xt=urn:btih:" + Hex)]
    [InlineData("magnet:?xt=urn:btmh:1220" + OtherHex + "000000000000000000000000&xt=urn:btih:" + Hex)]
    public void IsRead(string text)
    {
        Assert.True(InfoHashText.TryParse(text, "INFOHASH", out InfoHash infoHash, out string? fault), fault);
        Assert.Equal(Hex, infoHash.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("magnet:?")]
    [InlineData("magnet:?xt=" + Hex)]
    [InlineData("magnet:?xt")]
    [InlineData("magnet:?xt=%")]
    [InlineData("magnet:?tr=urn:btih:" + Hex)]
    [InlineData("urn:btih:")]
    [InlineData("urn:btih:" + V2)]
    [InlineData("urn:btmh:" + Hex)]
    [InlineData("urn:btmh:1114" + Hex)]
    [InlineData("urn:sha1:" + Base32)]
    [InlineData("0x" + Hex)]
    [InlineData(" " + Hex)]
    [InlineData(Hex + "0")]
    [InlineData("1ERUKZ4JVPG66AJDIVTYTK6N54ASGRLH")]
    [InlineData("g" + V2)]
    [InlineData("g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    public void IsRefused_WithASentence(string text)
    {
        Assert.False(InfoHashText.TryParse(text, "INFOHASH", out _, out string? fault));
        Assert.StartsWith("INFOHASH", fault, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault);
    }

    [Fact]
    public void Base32_IsWhatTheDigitsSay()
    {
        const string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        const int seed = 5;
        var random = new Random(seed);
        for (int i = 0; i < 1000; i++)
        {
            byte[] bytes = new byte[InfoHash.Size];
            random.NextBytes(bytes);
            var number = new System.Numerics.BigInteger(bytes, isUnsigned: true, isBigEndian: true);
            char[] text = new char[32];
            for (int k = text.Length - 1; k >= 0; k--)
            {
                text[k] = digits[(int)(number & 31)];
                number >>= 5;
            }

            Assert.True(InfoHashText.TryParse(new string(text), "X", out InfoHash infoHash, out _), $"seed {seed}");
            Assert.Equal(new InfoHash(bytes), infoHash);
        }
    }
}
