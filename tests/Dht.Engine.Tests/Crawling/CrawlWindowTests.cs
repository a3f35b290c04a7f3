using Dht.Engine.Crawling;

namespace Dht.Engine.Tests.Crawling;

public class CrawlWindowTests
{
    private const int Min = 32;

    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(50);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(20, 20)]
    [InlineData(32, 32)]
    [InlineData(4096, 32)]
    public void ItStartsSmall(int max, int size) => Assert.Equal(size, new CrawlWindow(max).Size);

    [Fact]
    public void ItGrowsToItsMaximumWhileAnswersKeepUp_AndNeverBeyond()
    {
        var window = new CrawlWindow(1000);
        for (int round = 0; round < 40; round++)
        {
            int before = window.Size;
            Round(window, Quick, answers: 0.7, provenLost: 0);
            Assert.InRange(window.Size, Math.Min(1000, before), 1000);
        }

        Assert.Equal(1000, window.Size);
    }

    [Fact]
    public void DeadStrangers_DoNotShrinkIt()
    {
        CrawlWindow window = Grown(1000);
        for (int round = 0; round < 20; round++)
        {
            int size = window.Size;
            for (int i = 0; i < size; i++)
            {
                window.OnSent();
                window.OnShortTimeout(proven: false);
                if (i % 5 == 0)
                {
                    window.OnAnswer(Quick, proven: false);
                }
            }
        }

        Assert.Equal(1000, window.Size);
    }

    [Fact]
    public void WhenProvenNodesFallSilent_ItShrinksToItsMinimum_AndNeverBelow()
    {
        CrawlWindow window = Grown(1000);
        Round(window, Quick, answers: 0.5, provenLost: 0.3);
        Assert.InRange(window.Size, 600, 700);
        for (int round = 0; round < 40; round++)
        {
            Round(window, Quick, answers: 0.5, provenLost: 0.3);
            Assert.True(window.Size >= Min, $"round {round}: {window.Size}");
        }

        Assert.Equal(Min, window.Size);
        Round(window, Quick, answers: 0.9, provenLost: 0);
        Assert.True(window.Size > Min, "it recovers");
    }

    [Fact]
    public void WhenNobodyAnswersAnyMore_ItShrinks()
    {
        CrawlWindow window = Grown(1000);
        for (int round = 0; round < 20; round++)
        {
            Round(window, Quick, answers: 0, provenLost: 0.6);
        }

        Assert.Equal(Min, window.Size);
    }

    [Fact]
    public void AQueueThatStays_ShrinksItFarEnoughToDrain()
    {
        CrawlWindow window = Grown(4000);
        for (int round = 0; round < 12; round++)
        {
            Round(window, Quick * 5, answers: 0.9, provenLost: 0);
        }

        Assert.InRange(window.Size, Min, 400);
    }

    [Fact]
    public void AQueueOnTheWay_ShrinksIt()
    {
        CrawlWindow window = Grown(1000);
        Round(window, Quick * 4, answers: 0.9, provenLost: 0);
        Assert.InRange(window.Size, 600, 700);
    }

    [Fact]
    public void ALittleJitter_DoesNot()
    {
        CrawlWindow window = Grown(1000);
        Round(window, Quick * 1.3, answers: 0.9, provenLost: 0);
        Assert.Equal(1000, window.Size);
    }

    [Fact]
    public void ABelowMinimumMaximum_IsKept()
    {
        var window = new CrawlWindow(5);
        for (int round = 0; round < 10; round++)
        {
            Round(window, Quick, answers: 0.2, provenLost: 0.8);
            Assert.Equal(5, window.Size);
        }
    }

    [Theory]
    [InlineData(0.1, 100, 1000)]
    [InlineData(50, 100, 1000)]
    [InlineData(400, 500, 2500)]
    [InlineData(3000, 1500, 4000)]
    public void TimeoutsFollowTheRoundTrip_WithinTheirClamps(double milliseconds, double shortMin, double longMin)
    {
        var window = new CrawlWindow(4096);
        Assert.Equal(TimeSpan.FromSeconds(1.5), window.ShortTimeout);
        Assert.Equal(TimeSpan.FromSeconds(4), window.LongTimeout);
        for (int round = 0; round < 10; round++)
        {
            Round(window, TimeSpan.FromMilliseconds(milliseconds), answers: 1, provenLost: 0);
        }

        Assert.InRange(window.ShortTimeout.TotalMilliseconds, shortMin, 1500);
        Assert.InRange(window.LongTimeout.TotalMilliseconds, longMin, 4000);
        bool waitsForTheSlow = window.ShortTimeout.TotalMilliseconds > milliseconds || milliseconds > 1500;
        Assert.True(waitsForTheSlow, $"{window.ShortTimeout}");
        Assert.True(window.LongTimeout > window.ShortTimeout, $"{window.LongTimeout} > {window.ShortTimeout}");
    }

    [Fact]
    public void AfterAQuickBeginning_ASlowerNetworkIsTakenAsItIs()
    {
        // The first nodes asked are often near; the bulk of the network is not, and that is no queue.
        var window = new CrawlWindow(2000);
        Round(window, TimeSpan.FromMilliseconds(10), answers: 0.7, provenLost: 0);
        for (int round = 0; round < 200; round++)
        {
            Round(window, TimeSpan.FromMilliseconds(150), answers: 0.7, provenLost: 0);
        }

        Assert.True(window.Size > 1000, $"{window.Size}");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void OverAWorldWideSpreadOfRoundTrips_TheWindowOpens(ulong seed)
    {
        // Log-normal around 100 ms, a third dead: as the public network is. Nothing on the way queues.
        var population = new Population(6000, seed, deadShare: 0.3);
        population.SetRoundTrips(TimeSpan.FromMilliseconds(100), 0.7);
        population.Nodes[0].RoundTrip = TimeSpan.FromMilliseconds(5);
        CrawlWorld world = new CrawlWorld(population, CrawlWorld.Unpaced, seed).Run();
        double rate = world.Sent.Count / world.Elapsed.TotalSeconds;
        Assert.True(rate > 800, $"seed {seed}: {rate:F0} queries per second, {world.Counters}");
    }

    private static CrawlWindow Grown(int max)
    {
        var window = new CrawlWindow(max);
        while (window.Size < max)
        {
            Round(window, Quick, answers: 0.9, provenLost: 0);
        }

        return window;
    }

    /// <summary>
    /// As many queries as the window is wide, of which a share is answered and another is lost on the way to proven
    /// nodes.
    /// </summary>
    private static void Round(CrawlWindow window, TimeSpan roundTrip, double answers, double provenLost)
    {
        int size = window.Size;
        for (int i = 0; i < size; i++)
        {
            if (i < size * answers)
            {
                window.OnAnswer(roundTrip, proven: true);
            }

            if (i < size * provenLost)
            {
                window.OnShortTimeout(proven: true);
            }
        }

        for (int i = 0; i < size; i++)
        {
            window.OnSent();
        }
    }
}
