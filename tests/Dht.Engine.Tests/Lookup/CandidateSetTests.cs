using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Lookup;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Lookup;

public sealed class CandidateSetTests
{
    private static readonly NodeId Target = NodeId.Parse("8000000000000000000000000000000000000000");
    private static readonly NodeId Self = NodeId.Parse("7000000000000000000000000000000000000000");

    private readonly SeededRandomSource _random = new(1);

    [Fact]
    public void WithNothingToAsk_TheSearchIsOver()
    {
        CandidateSet set = Create();
        Assert.True(set.IsComplete);
        Assert.True(set.IsSettled);
        Assert.False(set.TryTakeNext(out _));
        Assert.Equal(0, set.CopyClosest(new CompactNode[8]));
        Assert.Throws<ArgumentOutOfRangeException>(() => set.ClosestAt(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => set.TokenAt(0));
    }

    [Fact]
    public void EntryPoints_AreAskedFirstAndAllAtOnce_AndNeverCount()
    {
        CandidateSet set = Create(new CandidateSetOptions { Alpha = 1, Window = 0, EntriesMax = 5 });
        Assert.True(set.Add(Id(1), At(1)));
        for (int i = 0; i < 5; i++)
        {
            Assert.True(set.AddEntry(At(100 + i)));
        }

        Assert.False(set.AddEntry(At(100)));
        Assert.False(set.AddEntry(At(200)));
        for (int i = 0; i < 5; i++)
        {
            Candidate entry = Take(set);
            Assert.Equal(At(100 + i), entry.Endpoint);
            Assert.False(entry.HasId);
            Assert.True(set.MarkAnswered(entry.Handle, Id(50 + i)));
            Assert.False(set.SetToken(entry.Handle, "t"u8));
        }

        Assert.True(Take(set).HasId);
        Assert.False(set.AddEntry(At(100)));
        Assert.Equal(0, set.ClosestCount);
        Assert.Equal(5, set.AnsweredCount);
        set.CheckInvariants();
    }

    [Fact]
    public void Alpha_BoundsWhatIsInFlight_AndLateOnesDoNotCount()
    {
        CandidateSet set = Filled(new CandidateSetOptions { Alpha = 3, Window = 0 }, 20);
        long[] handles = [.. Enumerable.Range(0, 3).Select(_ => Take(set).Handle)];
        Assert.False(set.TryTakeNext(out _));
        Assert.True(set.MarkLate(handles[1]));
        Assert.False(set.MarkLate(handles[1]));
        Assert.Equal(Id(4), Take(set).Id);
        Assert.False(set.TryTakeNext(out _));
        Assert.True(set.MarkAnswered(handles[1], Id(2)));
        Assert.False(set.TryTakeNext(out _));
        Assert.True(set.MarkFailed(handles[0]));
        set.CheckInvariants();
        Assert.Equal(Id(5), Take(set).Id);
    }

    [Fact]
    public void TheNearestInTheWindow_AreAskedAtOnce()
    {
        CandidateSet set = Filled(new CandidateSetOptions { Alpha = 3, Window = 6 }, 20);
        Candidate[] taken = [.. Enumerable.Range(0, 6).Select(_ => Take(set))];
        Assert.Equal([.. Enumerable.Range(1, 6).Select(Id)], taken.Select(candidate => candidate.Id));
        Assert.False(set.TryTakeNext(out _));

        // A late one makes room in the window; a newcomer among the nearest is asked beyond it.
        set.MarkLate(taken[5].Handle);
        Assert.Equal(Id(7), Take(set).Id);
        Assert.True(set.Add(NodeId.Parse("8000000000000000000000000000000000000001"), At(300)));
        Assert.Equal(At(300), Take(set).Endpoint);
        Assert.Equal(7, set.InFlightCount);
    }

    [Fact]
    public void InFlightMax_HoldsInTheWindowToo()
    {
        CandidateSet set = Filled(new CandidateSetOptions { Alpha = 3, Window = 50, InFlightMax = 5 }, 20);
        Assert.Equal(5, TakeAll(set).Count);
    }

    [Fact]
    public void TheSearchIsOver_WhenTheKthIsNearerThanAllThatIsFreshOrInFlight()
    {
        CandidateSet set = Filled(new CandidateSetOptions { K = 2, Alpha = 4, Window = 0 }, 10);
        List<Candidate> taken = TakeAll(set);
        Answer(set, taken[1]);
        Answer(set, taken[2]);
        Assert.False(set.IsComplete);
        Assert.False(set.TryTakeNext(out _));
        set.MarkLate(taken[0].Handle);
        Assert.True(set.IsComplete);
        Assert.False(set.IsSettled);
        Assert.True(Answer(set, taken[0]));
        Assert.True(set.IsSettled);
        Assert.Equal([Id(1), Id(2)], Closest(set));
        set.CheckInvariants();
        Assert.Equal(1, set.InFlightCount);
    }

    [Fact]
    public void ADeferredOne_ComesAgainLater_AndLeavesInTheEnd()
    {
        CandidateSet set = Create(new CandidateSetOptions { DeferralsMax = 2 });
        set.Add(Id(1), At(1));
        set.Add(Id(2), At(2));
        for (int i = 0; i < 3; i++)
        {
            Assert.False(set.IsComplete);
            List<Candidate> taken = TakeAll(set);
            Candidate first = taken.Single(candidate => candidate.Id == Id(1));
            Assert.True(set.Defer(first.Handle));
            Assert.False(set.Defer(first.Handle));
            Assert.False(Answer(set, first));
            Assert.False(set.TryTakeNext(out _));
        }

        Assert.False(set.TryTakeNext(out _));
        Assert.Equal((1, 1), (set.AskedCount, set.Count));
        set.CheckInvariants();
    }

    [Fact]
    public void ADeferredOne_IsNotTakenAgainBeforeTheNextPass_SoADriversLoopEnds()
    {
        CandidateSet set = Filled(new CandidateSetOptions(), 10);
        int turns = 0;
        while (set.TryTakeNext(out Candidate candidate))
        {
            set.Defer(candidate.Handle);
            turns++;
        }

        Assert.Equal(10, turns);
        Assert.Equal(10, set.Count);
    }

    [Fact]
    public void Tokens_AreKeptUpTo64Bytes()
    {
        CandidateSet set = Filled(new CandidateSetOptions(), 3);
        List<Candidate> taken = TakeAll(set);
        Assert.False(set.SetToken(taken[0].Handle, "early"u8));
        Answer(set, taken[1]);
        Answer(set, taken[0]);
        Assert.True(set.SetToken(taken[1].Handle, new byte[64]));
        Assert.False(set.SetToken(taken[0].Handle, new byte[65]));
        Assert.Equal(0, set.TokenAt(0).Length);
        Assert.Equal(64, set.TokenAt(1).Length);
        Assert.True(set.SetToken(taken[0].Handle, "abc"u8));
        Assert.Equal("abc"u8, set.TokenAt(0));
        set.CheckInvariants();
    }

    [Fact]
    public void HandlesOfAnEarlierSearch_MeanNothing()
    {
        CandidateSet set = Filled(new CandidateSetOptions(), 10);
        List<Candidate> old = TakeAll(set);
        set.Begin(Target, Self);
        for (int i = 1; i <= 10; i++)
        {
            Assert.True(set.Add(Id(i), At(i)));
        }

        TakeAll(set);
        foreach (Candidate candidate in old)
        {
            Assert.False(Answer(set, candidate) || set.MarkLate(candidate.Handle) || set.MarkFailed(candidate.Handle)
                || set.Defer(candidate.Handle) || set.SetToken(candidate.Handle, default));
        }

        Assert.False(set.MarkFailed(0) || set.MarkFailed(-1) || set.MarkFailed(long.MaxValue));
        Assert.Equal(10, set.InFlightCount);
    }

    [Fact]
    public void OptionsOutOfRange_AreRefused()
    {
        foreach (CandidateSetOptions options in new CandidateSetOptions[]
        {
            new() { K = 0 }, new() { Alpha = 0 }, new() { Capacity = 30 }, new() { QueriesMax = 0 },
            new() { Window = -1 }, new() { InFlightMax = 3 }, new() { ContactsPerReplyMax = 0 },
            new() { EntriesMax = -1 }, new() { DeferralsMax = -1 }, new() { EndpointsPerSiteMax = 0 },
        })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => Create(options));
        }
    }

    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void AWholeSearch_AllocatesNothing(IpFamily family)
    {
        var set = new CandidateSet(new CandidateSetOptions(), _random);
        AllocationGuard.AssertNone((set, family, new CompactNode[8], _random), static state =>
        {
            (CandidateSet set, IpFamily family, CompactNode[] closest, SeededRandomSource random) = state;
            set.Begin(NodeId.Random(random), NodeId.Random(random));
            set.AddEntry(Random(family, random));
            for (int i = 0; i < 200; i++)
            {
                set.Add(NodeId.Random(random), Random(family, random));
            }

            while (!set.IsComplete)
            {
                set.CheckInvariants();
                while (set.TryTakeNext(out Candidate candidate))
                {
                    Report(set, candidate, family, random);
                }
            }

            set.CopyClosest(closest);
            _ = set.TokenAt(0);
        });
    }

    private static void Report(CandidateSet set, in Candidate candidate, IpFamily family, SeededRandomSource random)
    {
        int fate = random.Next(6);
        if (fate == 0)
        {
            set.MarkLate(candidate.Handle);
        }
        else if (fate == 1)
        {
            set.MarkFailed(candidate.Handle);
        }
        else if (fate == 2)
        {
            set.Defer(candidate.Handle);
        }
        else if (set.MarkAnswered(candidate.Handle, fate == 3 ? NodeId.Random(random) : candidate.Id))
        {
            set.SetToken(candidate.Handle, "token"u8);
            for (int i = 0; i < 20; i++)
            {
                set.Add(NodeId.Random(random), Random(family, random));
            }
        }
    }

    private static Endpoint Random(IpFamily family, SeededRandomSource random) => family == IpFamily.IPv6
        ? Endpoint.FromIPv6(random.NextUInt64(), random.NextUInt64(), 1)
        : Endpoint.FromIPv4(random.NextUInt32(), 1);

    /// <summary>The id at rank i: larger is farther from the target.</summary>
    private static NodeId Id(int rank) => NodeId.Parse($"80{rank:x4}0000000000000000000000000000000000");

    private static Endpoint At(int host) => Endpoint.FromIPv4(0x0B000000u + (uint)host, 6881);

    private static Candidate Take(CandidateSet set)
    {
        Assert.True(set.TryTakeNext(out Candidate candidate));
        return candidate;
    }

    private static List<Candidate> TakeAll(CandidateSet set)
    {
        var taken = new List<Candidate>();
        while (set.TryTakeNext(out Candidate candidate))
        {
            taken.Add(candidate);
        }

        return taken;
    }

    private static bool Answer(CandidateSet set, in Candidate candidate) =>
        set.MarkAnswered(candidate.Handle, candidate.Id);

    private static NodeId[] Closest(CandidateSet set)
    {
        var nodes = new CompactNode[set.ClosestCount];
        set.CopyClosest(nodes);
        return [.. nodes.Select(node => node.Id)];
    }

    private CandidateSet Create(CandidateSetOptions? options = null)
    {
        var set = new CandidateSet(options ?? new CandidateSetOptions(), _random);
        set.Begin(Target, Self);
        return set;
    }

    private CandidateSet Filled(CandidateSetOptions options, int count)
    {
        CandidateSet set = Create(options);
        for (int i = count; i > 0; i--)
        {
            Assert.True(set.Add(Id(i), At(i)));
        }

        return set;
    }
}
