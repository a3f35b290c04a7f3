using Dht.Engine.Addressing;
using Dht.Engine.Node;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Node;

/// <summary>The small parts of lookups and upkeep, each by itself.</summary>
public sealed class LookupPartsTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly Instant Start = Instant.Zero + TimeSpan.FromHours(1);

    [Fact]
    public void APause_LastsMoreThanASecond_AndKeepsTheOrder()
    {
        var pauses = new LookupPauses();
        Assert.Equal(Instant.Never, pauses.NextDue);
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 64; i++)
            {
                Assert.True(pauses.TryAdd(i, Start + (i * Second)));
            }

            Assert.False(pauses.TryAdd(64, Start));
            Assert.False(pauses.TryTakeDue(Start + Second, out _));
            for (int i = 0; i < 64; i++)
            {
                Assert.InRange(pauses.NextDue - (Start + (i * Second)), Second, 1.2 * Second);
                Assert.True(pauses.TryTakeDue(pauses.NextDue, out long handle));
                Assert.Equal(i, handle);
            }

            Assert.Equal(Instant.Never, pauses.NextDue);
        }
    }

    [Fact]
    public void RefusalsAreCountedUntilAnAnswer()
    {
        var counts = new RefusalCounts();
        Endpoint busy = TestEndpoints.Public(IpFamily.IPv4, 0);
        Assert.Equal([1, 2, 3], Enumerable.Range(0, 3).Select(_ => counts.Add(busy)));
        counts.Clear(busy);
        counts.Clear(TestEndpoints.Public(IpFamily.IPv4, 999));
        Assert.Equal([1, 2], Enumerable.Range(0, 2).Select(_ => counts.Add(busy)));
    }

    /// <summary>More refusers than there are places, in turn: most are known for what they are all the same.</summary>
    [Fact]
    public void ManyWhoOnlyRefuse_DoNotMakeEachOtherForgotten()
    {
        var counts = new RefusalCounts();
        int known = 0;
        for (int round = 1; round <= 10; round++)
        {
            known = Enumerable.Range(0, 300).Count(
                i => counts.Add(TestEndpoints.Public(IpFamily.IPv6, i)) > RefusalCounts.AllowedInARow);
        }

        Assert.InRange(known, 250, 300);
    }

    [Fact]
    public void BeforeThereAreEnoughRoundTrips_ALateOneDoublesTheShortTimeout()
    {
        var times = new ResponseTimes(3 * Second, asksAgain: true);
        Assert.Equal(Second, times.ShortTimeout);
        times.Add(0.9 * Second);
        Assert.Equal(Second, times.ShortTimeout);
        times.Add(1.1 * Second);
        Assert.Equal(2 * Second, times.ShortTimeout);
        times.Add(1.1 * Second);
        Assert.Equal(2 * Second, times.ShortTimeout);
        times.Add(2.5 * Second);
        Assert.Equal(3 * Second, times.ShortTimeout);
        for (int i = 4; i < 16; i++)
        {
            times.Add(0.02 * Second);
        }

        Assert.Equal(0.1 * Second, times.ShortTimeout);
        times.Add(2.5 * Second);
        Assert.Equal(0.1 * Second, times.ShortTimeout);
    }

    [Fact]
    public void SearchesSlowDown_UnlessThereAreMoreContactsThanEver()
    {
        var pace = new SearchPace(TimeSpan.FromMinutes(5), Start);
        Instant now = Start;
        Assert.Equal([1, 1, 2, 4, 8, 1, 2], new[] { 8, 16, 16, 12, 16, 20, 20 }.Select(contacts => Pause(contacts)));
        Assert.Equal(300, Enumerable.Range(0, 12).Select(_ => Pause(20)).ToArray()[^1]);

        // It fades: after long there may be a search more for contacts that come back.
        int sooner = Enumerable.Range(0, 40).Select(i => Pause(i % 2 == 0 ? 100 : 60)).Count(pause => pause == 1);
        Assert.InRange(sooner, 1, 3);
        pace.Restart(now);
        Assert.True(pace.IsDue(now));

        int Pause(int contacts)
        {
            pace.Note(contacts, now);
            int seconds = 0;
            for (; !pace.IsDue(now); seconds++)
            {
                now += Second;
            }

            return seconds;
        }
    }

    [Fact]
    public void AnAddressIsDoubted_WhenSeveralNetworksInARowAgreeOnAnother()
    {
        Endpoint current = Endpoint.Parse("9.9.9.9:1");
        Endpoint other = Endpoint.Parse("9.9.8.8:1");
        var doubt = new AddressDoubt();
        Assert.False(doubt.Note(Voter(1), other, default));
        Assert.False(doubt.Note(Voter(1), other, current));
        Assert.False(doubt.Note(Voter(1).WithPort(2), other, current));
        Assert.False(doubt.Note(Voter(2), other, current));
        Assert.False(doubt.Note(Voter(3), current, current));
        Assert.False(doubt.Note(Voter(4), other, current));
        Assert.False(doubt.Note(Voter(5), Endpoint.Parse("9.9.7.7:1"), current));
        Assert.False(doubt.Note(Voter(6), other, current));
        Assert.False(doubt.Note(Voter(7), other.WithPort(9), current));
        Assert.True(doubt.Note(Voter(8), other, current));
        Assert.False(doubt.Note(Voter(9), other, current));
    }

    private static Endpoint Voter(int number) => TestEndpoints.Public(IpFamily.IPv4, number);
}
