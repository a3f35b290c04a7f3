using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Testing;
using Dht.Engine.Tests.Architecture;
using Dht.Engine.Tests.Engine;

namespace Dht.Engine.Tests.Samples;

/// <summary>What the README shows compiles, runs, and is what it shows.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public async Task TheCrawlerSample_FindsTheWholeSwarm()
    {
        using LoopbackSwarm swarm = LoopbackSwarm.Start(new LoopbackSwarmOptions { Nodes = 300 });
        using var output = new StringWriter();
        CrawlReport report = await CrawlerSample.Run([swarm.EndpointOf(0)], AddressPolicy.AllowLocal, output);
        Assert.Equal(300, report.Counters.NodesAlive);
        Assert.Contains($"300 of 300 nodes answered", output.ToString(), StringComparison.Ordinal);
        Assert.Contains(swarm.IdOf(7).ToString(), output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheNodeSample_FindsThePeerAndAnnounces()
    {
        var torrent = InfoHash.Parse("0123456789abcdef0123456789abcdef01234567");
        await using DhtEngine other = Loopback.Start(Loopback.Options() with { Bind = Endpoint.Parse("127.0.0.1:0") });
        Endpoint peer = Endpoint.Parse("127.0.0.9:4711");
        await other.InvokeAsync((node, now) => node.Peers.TryAdd(torrent, peer, now));
        string state = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var output = new StringWriter();
        try
        {
            LookupResult announced = await NodeSample.Run(
                [other.LocalEndpoint], AddressPolicy.AllowLocal, state, torrent, output).WaitAsync(Loopback.Patience);
            Assert.Equal(1, announced.Report.AnnouncesAccepted);
            Assert.Contains("Finished, 1 contacts", output.ToString(), StringComparison.Ordinal);
            Assert.Contains($"{peer} has it", output.ToString(), StringComparison.Ordinal);
            Assert.True(File.Exists(state));
        }
        finally
        {
            File.Delete(state);
        }
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
