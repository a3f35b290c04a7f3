using System.Diagnostics;
using Dht.Engine.Addressing;
using Dht.Engine.Testing;
using Dht.Engine.Tests.House;

namespace Dht.Engine.Tests.Samples;

/// <summary>What the README shows compiles, runs, and is what it shows.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public async Task TheCrawlerSample_FindsTheWholeSwarm()
    {
        using LoopbackSwarm swarm = LoopbackSwarm.Start(new LoopbackSwarmOptions { Nodes = 300 });
        using var output = new StringWriter();
        CrawlReport report = await CrawlerSample.Run([swarm.EndpointOf(0).ToString()], AddressPolicy.AllowLocal, output);
        Assert.Equal(300, report.Counters.NodesAlive);
        Assert.Contains($"300 of 300 nodes answered", output.ToString(), StringComparison.Ordinal);
        Assert.Contains(swarm.IdOf(7).ToString(), output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheNodeSample_PingsItsRouter()
    {
        using LoopbackSwarm swarm = LoopbackSwarm.Start(new LoopbackSwarmOptions { Nodes = 20 });
        using var output = new StringWriter();
        PingResult ping = default;
        var waited = Stopwatch.StartNew();
        do
        {
            ping = await NodeSample.Run([swarm.EndpointOf(0).ToString()], AddressPolicy.AllowLocal, output);
        }
        while (ping.Status == QueryStatus.TimedOut && waited.Elapsed < TimeSpan.FromSeconds(60));

        Assert.Equal(QueryStatus.Answered, ping.Status);
        Assert.Equal(swarm.IdOf(0), ping.Id);
    }

    [Theory]
    [InlineData("CrawlerSample.cs")]
    [InlineData("NodeSample.cs")]
    public void TheReadme_ShowsTheSamplesAsTheyAreCompiled(string file)
    {
        string readme = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "README.md"));
        string[] samples = SampleText.Of(file);
        Assert.NotEmpty(samples);
        Assert.All(samples, sample => Assert.Contains(sample, readme, StringComparison.Ordinal));
    }
}
