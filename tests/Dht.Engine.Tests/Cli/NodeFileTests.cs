using System.Text;
using Dht.Cli;
using Dht.Cli.Output;
using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Identity;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Cli;

public sealed class NodeFileTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task ASlowDiskHoldsUpTheCrawlAndLosesNothing()
    {
        using var disk = new GatedStream();
        using var file = new NodeFile("slow", new JsonLinesFormat(new WallClock()), disk);
        int rows = 0;
        while (file.IsReady)
        {
            Assert.True(rows < 1_000_000, "It takes rows without end.");
            Add(file, rows++);
        }

        // Answers to queries under way still come.
        for (int i = 0; i < 4096; i++)
        {
            Add(file, rows++);
        }

        Assert.False(file.IsReady);
        disk.Open();
        Assert.True(SpinWait.SpinUntil(() => file.IsReady, Patience));
        await file.FinishAsync().WaitAsync(Patience);

        string[] lines = Encoding.ASCII.GetString(disk.Written.ToArray()).Split(
            '\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(rows, lines.Length);
        Assert.Equal(rows, lines.Select(static line => NodeLine.ParseJson(line).Ip).Distinct().Count());
    }

    [Fact]
    public async Task AWriteErrorIsToldOnceAndStopsTheRows()
    {
        using var disk = new GatedStream { Fault = new IOException("No space left on device") };
        disk.Open();
        using var file = new NodeFile("nodes.csv", new CsvFormat(new WallClock()), disk);
        int rows = 0;
        bool noticed = SpinWait.SpinUntil(
            () =>
            {
                // As the crawl does: rows come only while they are welcome.
                if (file.IsReady)
                {
                    Add(file, rows++);
                }

                return file.HasFailed;
            },
            Patience);
        Assert.True(noticed, "The error is not noticed.");

        Assert.False(file.IsReady);
        Add(file, 0);
        FailureException failure = await Assert.ThrowsAsync<FailureException>(
            () => file.FinishAsync().WaitAsync(Patience));
        Assert.Equal("cannot write nodes.csv: No space left on device", failure.Message);
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(65_536)]
    [InlineData(300)]
    [InlineData(17)]
    public async Task AFullDisk_KeepsEveryRowThatIsWholeOnIt(int room)
    {
        using var disk = new SmallDisk(room);
        using var file = new NodeFile("nodes.jsonl", new JsonLinesFormat(new WallClock()), disk);
        for (int i = 0; i < 1000; i++)
        {
            Add(file, i);
        }

        await Assert.ThrowsAsync<FailureException>(() => file.FinishAsync().WaitAsync(Patience));
        byte[] kept = disk.ToArray();
        string text = Encoding.ASCII.GetString(kept);
        Assert.True(text.Length == 0 || text.EndsWith("}\n", StringComparison.Ordinal));
        string[] rows = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(rows, static row => NodeLine.ParseJson(row));

        // Not one more would have had room.
        int next = rows.Length == 0 ? room : rows[^1].Length + 2;
        Assert.InRange(room - kept.Length, 0, next);
    }

    [Fact]
    public async Task OutputThatIsStuck_IsWaitedForAsLongAsThereIsTime()
    {
        using var disk = new GatedStream();
        using var file = new NodeFile("nodes.jsonl", new JsonLinesFormat(new WallClock()), disk);
        Add(file, 1);
        int asked = 0;
        FailureException failure = await Assert.ThrowsAsync<FailureException>(() => file.FinishAsync(
            () => TimeSpan.FromSeconds(3 - ++asked)).WaitAsync(Patience));
        Assert.Equal("cannot write nodes.jsonl: the last rows were not taken in time", failure.Message);
        disk.Open();
    }

    private static void Add(NodeFile file, int index) => file.Add(new CrawledNode
    {
        Id = default(NodeId),
        Endpoint = Endpoint.FromIPv4(0x7F010000 + (uint)index, 6881),
        RoundTrip = TimeSpan.FromMilliseconds(1),
        Version = "LT\x01\x02"u8,
        FirstSeen = SystemClock.Instance.Now,
        LastSeen = SystemClock.Instance.Now,
    });
}
