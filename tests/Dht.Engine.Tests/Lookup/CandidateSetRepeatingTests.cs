using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Lookup;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Lookup;

/// <summary>The silent among the nearest are asked again, a bounded number of times, and nobody else is.</summary>
public sealed class CandidateSetRepeatingTests
{
    private static readonly CandidateSetOptions Options = new() { K = 2, Window = 6, RepeatsMax = 2 };

    private readonly CandidateSet _set = new(Options, new SeededRandomSource(1));
    private readonly List<Candidate> _taken = [];

    [Fact]
    public void ASilentOne_IsAskedAgainUntilTheBound_UnderItsHandle()
    {
        Begin(1);
        for (int i = 0; i < Options.RepeatsMax; i++)
        {
            Assert.False(_set.TryTakeAgain(out _));
            Assert.True(_set.MarkLate(_taken[0].Handle));
            Assert.True(_set.TryTakeAgain(out Candidate again));
            Assert.Equal(_taken[0], again);
            Assert.False(_set.IsComplete);
        }

        _set.MarkLate(_taken[0].Handle);
        Assert.False(_set.TryTakeAgain(out _));
        Assert.True(_set.IsComplete);
        Assert.Equal((3, 2), (_set.AskedCount, _set.RepeatedCount));
    }

    [Fact]
    public void TheFirstAnswerCounts_AndNoOther()
    {
        Begin(1);
        _set.MarkLate(_taken[0].Handle);
        Assert.True(_set.TryTakeAgain(out Candidate again));
        Assert.True(_set.MarkAnswered(again.Handle));
        Assert.True(_set.IsAmongClosest(again.Handle));
        Assert.False(_set.MarkAnswered(again.Handle));
        Assert.False(_set.MarkLate(again.Handle));
        Assert.False(_set.MarkFailed(again.Handle));
        Assert.Equal((1, 1, 0), (_set.ClosestCount, _set.AnsweredCount, _set.InFlightCount));
    }

    [Fact]
    public void TheNearestComeFirst_AndThoseBehindTheClosestNever()
    {
        Begin(6);
        _set.MarkLate(_taken[0].Handle);
        _set.MarkLate(_taken[2].Handle);
        _set.MarkLate(_taken[5].Handle);
        _set.MarkAnswered(_taken[1].Handle);
        _set.MarkAnswered(_taken[3].Handle);
        Assert.True(_set.TryTakeAgain(out Candidate first));
        Assert.True(_set.TryTakeAgain(out Candidate second));
        Assert.Equal((_taken[0].Handle, _taken[2].Handle), (first.Handle, second.Handle));
        Assert.False(_set.TryTakeAgain(out _));
    }

    [Fact]
    public void OneThatCannotBeSentTo_IsLetBe()
    {
        Begin(1);
        _set.MarkLate(_taken[0].Handle);
        Assert.True(_set.TryTakeAgain(out Candidate again));
        _set.LetBe(again.Handle);
        Assert.False(_set.TryTakeAgain(out _));
        Assert.Equal((1, 0, 0), (_set.AskedCount, _set.RepeatedCount, _set.InFlightCount));
        Assert.True(_set.MarkAnswered(again.Handle));
    }

    [Fact]
    public void AModestSearch_AsksNobodyAgain()
    {
        Begin(1, isModest: true);
        _set.MarkLate(_taken[0].Handle);
        Assert.False(_set.TryTakeAgain(out _));
    }

    /// <summary>Starts a search for zero and takes all of its candidates, whose ids count up from 1.</summary>
    private void Begin(int candidates, bool isModest = false)
    {
        _set.Begin(default, NodeId.Parse(new string('f', 40)), isModest);
        for (int i = 1; i <= candidates; i++)
        {
            Assert.True(_set.Add(NodeId.Parse($"{i:x2}" + new string('0', 38)), Endpoint.FromIPv4(0x0B000000 + ((uint)i << 8), 1)));
        }

        while (_set.TryTakeNext(out Candidate candidate))
        {
            _taken.Add(candidate);
        }

        Assert.Equal(candidates, _taken.Count);
    }
}
