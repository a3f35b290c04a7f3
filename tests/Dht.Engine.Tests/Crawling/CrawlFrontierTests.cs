using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Randomness;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Crawling;

/// <summary>The frontier under everything that can happen to its nodes, with a ring that is soon full.</summary>
public class CrawlFrontierTests
{
    private const int Steps = 4000;
    private const int NodesMax = 60;

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(2, 1, 4)]
    [InlineData(3, 2, 3)]
    [InlineData(4, 7, 0)]
    public void AnySequence_LosesNoNode_AndEnds(ulong seed, int retries, int perAddress)
    {
        var random = new SeededRandomSource(seed);
        CrawlFrontier frontier = CreateFrontier(retries, perAddress);
        var passes = new CrawlPasses(frontier);
        var asking = new List<int>();
        int owedMost = 0;
        for (int step = 0; step < Steps || !frontier.IsExhausted; step++)
        {
            // After a while only what leads to the end still happens.
            int choice = step < Steps ? random.Next(8) : 4 + random.Next(4);
            if (choice < 3)
            {
                Learn(frontier, random);
            }
            else if (choice < 6)
            {
                Take(frontier, passes, random, asking, mayWait: step < Steps);
            }
            else
            {
                Settle(frontier, random, asking, mayGoOn: step < Steps);
            }

            frontier.CheckInvariants();
            owedMost = Math.Max(owedMost, frontier.CountAt(CrawlStep.Owed));
            Assert.True(step < 100 * Steps, $"seed {seed}: it does not end");
        }

        Assert.True(owedMost > 0, $"seed {seed}: the ring was never full");
        Assert.Equal(0, frontier.Remaining);
        Assert.Equal(frontier.NodesSeen, frontier.CountAt(CrawlStep.Done));
        Assert.InRange(frontier.NodesSeen, NodesMax / 3, 2 * NodesMax);
    }

    [Fact]
    public void NodesThatTheRingHasNoRoomFor_AreFoundByTheScan_BeforeTheSilent()
    {
        CrawlFrontier frontier = CreateFrontier(retries: 1, perAddress: 0);
        var passes = new CrawlPasses(frontier);
        var random = new SeededRandomSource(5);
        for (int i = 0; i < 6; i++)
        {
            Endpoint endpoint = EndpointOf(i);
            Assert.Equal(LearnOutcome.New, frontier.TryLearn(endpoint, frontier.HashOf(endpoint), 0, 0));
            Assert.True(frontier.TryTakeNew(out int handle));
            if (i == 0)
            {
                frontier.OnAsked(handle);
                frontier.OnUnanswered(handle);
            }
            else
            {
                frontier.Queue(handle);
            }
        }

        // The first is silent, four wait in the ring, and the last is owed.
        Assert.Equal(6, frontier.Remaining);
        while (frontier.TryTakeQueued(out int handle))
        {
            frontier.Finish(handle);
        }

        Assert.True(frontier.IsUsedUp);
        passes.Turn(0, new LineWatch(), isDown: false, Instant.Zero);
        Assert.True(frontier.TryTakeScanned(out int owed));
        Assert.Equal(EndpointOf(5), frontier[owed].Endpoint);
        frontier.Finish(owed);
        Assert.False(frontier.TryTakeScanned(out _));
        passes.Turn(0, new LineWatch(), isDown: false, Instant.Zero);
        Assert.True(frontier.TryTakeScanned(out int silent));
        Assert.Equal((EndpointOf(0), 1), (frontier[silent].Endpoint, frontier[silent].State.Retries));
        frontier.Finish(silent);
        Assert.False(frontier.TryTakeScanned(out _) || frontier.IsExhausted);
        passes.Turn(0, new LineWatch(), isDown: false, Instant.Zero);
        Assert.True(frontier.IsExhausted);
        frontier.CheckInvariants();
    }

    private static CrawlFrontier CreateFrontier(int retries, int perAddress)
    {
        var options = new CrawlOptions
        {
            ExpectedNodes = 0,
            KnownNodesMax = NodesMax,
            NodesPerAddressMax = perAddress,
            SilentRetries = retries,
        };
        return new CrawlFrontier(options, new EndpointHasher(3, 5), ringCapacity: 4);
    }

    private static void Learn(CrawlFrontier frontier, SeededRandomSource random)
    {
        Endpoint endpoint = EndpointOf(random.Next(400));
        frontier.TryLearn(endpoint, frontier.HashOf(endpoint), random.NextUInt64(), 7);
    }

    private static void Take(
        CrawlFrontier frontier, CrawlPasses passes, SeededRandomSource random, List<int> asking, bool mayWait)
    {
        // The ring is passed over more often than not, so that it fills up.
        int handle = 0;
        bool isTaken = (random.Next(3) == 0 && frontier.TryTakeQueued(out handle))
            || frontier.TryTakeNew(out handle)
            || frontier.TryTakeScanned(out handle)
            || frontier.TryTakeQueued(out handle);
        if (!isTaken)
        {
            if (asking.Count == 0)
            {
                passes.Turn(0, new LineWatch(), isDown: true, Instant.Never);
            }

            return;
        }

        int choice = random.Next(8);
        if (choice < 3 && mayWait)
        {
            frontier.Queue(handle);
        }
        else if (choice == 3)
        {
            frontier.Finish(handle);
        }
        else
        {
            frontier.OnAsked(handle);
            asking.Add(handle);
        }
    }

    private static void Settle(CrawlFrontier frontier, SeededRandomSource random, List<int> asking, bool mayGoOn)
    {
        if (asking.Count == 0)
        {
            return;
        }

        int place = random.Next(asking.Count);
        int handle = asking[place];
        asking.RemoveAt(place);
        switch (random.Next(7))
        {
            case 0:
                frontier.Finish(handle);
                break;
            case 2:
                frontier.OnRefused(handle, mayAnswerLater: random.Next(4) > 0);
                break;
            case 3 when mayGoOn:
                frontier.TakeBack(handle);
                break;
            case 4 when mayGoOn:
                frontier.TakeUnsent(handle);
                break;
            case 1:
                frontier.OnUnanswered(handle);
                break;
            default:
                // Asks are counted in a byte.
                frontier.OnAnswered(handle, mayGoOn && frontier[handle].Asks < 100 && random.Next(4) > 0);
                break;
        }
    }

    private static Endpoint EndpointOf(int number) => number % 3 == 0
        ? Endpoint.FromIPv6(0x2001_4860_0000_0000 + (ulong)(number % 20), (ulong)number, 6881)
        : Endpoint.FromIPv4(0x08000000 + (uint)(number % 20), (ushort)(1 + number));
}
