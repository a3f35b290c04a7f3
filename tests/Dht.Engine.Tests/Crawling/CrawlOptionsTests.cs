using Dht.Engine.Crawling;

namespace Dht.Engine.Tests.Crawling;

public class CrawlOptionsTests
{
    [Theory]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void InvalidRates_AreRefused(double rate)
    {
        CrawlOptions[] wrong =
        [
            new() { QueriesPerSecond = rate },
            new() { NewDestinationsPerSecond = rate },
            new() { QueriesPerSecondPerAddress = rate },
        ];
        Assert.All(wrong, static options => Assert.Throws<ArgumentOutOfRangeException>(
            () => new CrawlWorld(new Population(1, 1), options, 1)));
    }

    [Fact]
    public void OtherOptionsOutOfRange_AreRefused()
    {
        CrawlOptions[] wrong =
        [
            new() { AsksPerNodeMax = 0 }, new() { AsksPerNodeMax = 65 },
            new() { AsksPerNodeMin = 0 }, new() { AsksPerNodeMin = 5 },
            new() { SilentRetries = -1 }, new() { SilentRetries = 8 },
            new() { InFlightMax = 0 }, new() { InFlightMax = 32_769 },
            new() { KnownNodesMax = 0 }, new() { KnownNodesMax = int.MaxValue }, new() { ExpectedNodes = -1 },
            new() { NodesPerAddressMax = -1 }, new() { NodesPerAddressMax = 251 }, new() { Version = new byte[17] },
        ];
        Assert.All(wrong, static options => Assert.Throws<ArgumentOutOfRangeException>(
            () => new CrawlWorld(new Population(1, 1), options, 1)));
    }
}
