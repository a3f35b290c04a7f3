using System.Globalization;
using System.Net;
using System.Text;
using Dht.Cli.Output;
using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Identity;
using Dht.Engine.Timing;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Cli;

public sealed class NodeFormatTests
{
    private const string Id = "00112233445566778899aabbccddeeff01234567";

    [Theory]
    [InlineData("4C540102", "LT0102")]
    [InlineData("2D7E0AFF", "-~0AFF")]
    [InlineData("00540102", "00540102")]
    [InlineData("4C20FFFF", "4C20FFFF")]
    [InlineData("", "")]
    [InlineData("4C54", "LT")]
    [InlineData("4D4F33303032", "MO3002")]
    [InlineData("75546F7272656E742D332E36", "uTorrent-3.6")]
    [InlineData("612062", "612062")]
    [InlineData("3D4100", "3D4100")]
    [InlineData("4D4F3330303200", "4D4F3330303200")]
    [InlineData("4141414141414141414141414141414141", "41414141414141414141414141414141")]
    [InlineData("4C5401020304", "4C5401020304")]
    [InlineData("000102030405060708090A0B0C0D0E0F1011", "000102030405060708090A0B0C0D0E0F")]
    public void AVersionIsTwoLettersAndHexOrAllHex(string bytes, string expected)
    {
        Span<byte> text = stackalloc byte[VersionText.SizeMax];
        int length = VersionText.Write(Convert.FromHexString(bytes), text);

        Assert.Equal(expected, Encoding.ASCII.GetString(text[..length]));
    }

    [Fact]
    public void IPv6AddressesAreWrittenAsTheFrameworkWritesThem()
    {
        var random = new Random(7);
        Span<byte> compact = stackalloc byte[Endpoint.CompactSizeIPv6];
        Span<byte> text = stackalloc byte[64];
        for (int i = 0; i < 20_000; i++)
        {
            random.NextBytes(compact);
            compact[0] = 0x20;
            for (int group = 0; group < 8; group++)
            {
                compact[2 * group] = (byte)(random.Next(2) == 0 ? 0 : compact[2 * group]);
                compact[(2 * group) + 1] = (byte)(random.Next(3) == 0 ? compact[(2 * group) + 1] : 0);
            }

            compact[0] |= 0x20;
            Assert.True(Endpoint.TryReadCompact(compact, out Endpoint endpoint));
            string written = Encoding.ASCII.GetString(text[..AddressText.WriteIPv6(endpoint, text)]);
            Assert.Equal(new IPAddress(compact[..16]).ToString(), written);
        }
    }

    [Theory]
    [InlineData("2D220102", "-\"0102")]
    [InlineData("5C2C0102", "\\,0102")]
    [InlineData("22220000", "\"\"0000")]
    public void HostileVersionsDoNotBreakRows(string version, string expected)
    {
        string json = Format(new JsonLinesFormat(new WallClock()), "127.1.0.0:6881", version);
        Assert.Equal(expected, NodeLine.ParseJson(json).Version);

        string csv = Format(new CsvFormat(new WallClock()), "127.1.0.0:6881", version);
        string quoted = "\"" + expected.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
        Assert.Contains("," + quoted + ",", csv, StringComparison.Ordinal);
    }

    [Fact]
    public void ARowHasTheKnownShape()
    {
        string json = Format(new JsonLinesFormat(new WallClock()), "[2001:db8::1]:65535", "4C540102");
        NodeLine node = NodeLine.ParseJson(json);

        Assert.StartsWith(
            $$"""{"id":"{{Id}}","ip":"2001:db8::1","port":65535,"rttMs":1.234,"version":"LT0102","firstSeen":"20""",
            json,
            StringComparison.Ordinal);
        Assert.EndsWith("Z\"}\n", json, StringComparison.Ordinal);
        TimeSpan between = DateTime.Parse(node.LastSeen, CultureInfo.InvariantCulture)
            - DateTime.Parse(node.FirstSeen, CultureInfo.InvariantCulture);
        Assert.Equal(1500, between.TotalMilliseconds);
    }

    [Fact]
    public void RowsAreWrittenWithoutAllocation()
    {
        NodeFormat[] formats = [new JsonLinesFormat(new WallClock()), new CsvFormat(new WallClock())];
        foreach (NodeFormat format in formats)
        {
            byte[] row = new byte[format.RowSizeMax];
            byte[] version = [0x4C, 0x22, 1, 2];
            Write(format, Endpoint.Parse("[2001:db8::1]:65535"), version, row, 1000);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Write(format, Endpoint.Parse("[2001:db8::1]:65535"), version, row, 0);
            long parsing = GC.GetAllocatedBytesForCurrentThread() - before;
            before = GC.GetAllocatedBytesForCurrentThread();
            Write(format, Endpoint.Parse("[2001:db8::1]:65535"), version, row, 1000);
            Assert.Equal(parsing, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    private static void Write(NodeFormat format, in Endpoint endpoint, byte[] version, byte[] row, int times)
    {
        Instant now = SystemClock.Instance.Now;
        for (int i = 0; i < times; i++)
        {
            format.Write(row, Node(endpoint, version, now));
        }
    }

    private static string Format(NodeFormat format, string endpoint, string version)
    {
        byte[] row = new byte[format.RowSizeMax];
        CrawledNode node = Node(Endpoint.Parse(endpoint), Convert.FromHexString(version), SystemClock.Instance.Now);
        return Encoding.ASCII.GetString(row, 0, format.Write(row, node));
    }

    private static CrawledNode Node(in Endpoint endpoint, byte[] version, Instant now) => new()
    {
        Id = NodeId.Parse(Id),
        Endpoint = endpoint,
        RoundTrip = TimeSpan.FromMicroseconds(1234.4),
        Version = version,
        FirstSeen = now - TimeSpan.FromMilliseconds(1500),
        LastSeen = now,
    };
}
