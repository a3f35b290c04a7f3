using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Lookup;
using Dht.Engine.Randomness;

namespace Dht.Engine.Tests.Lookup;

/// <summary>The silent among the nearest are asked again, a bounded number of times, and no others are.</summary>
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

        // As long as there are fewer than k, everybody is waited for.
        Assert.False(_set.IsComplete);
        Assert.Equal(1 + Options.RepeatsMax, _set.AskedCount);
        _set.CheckInvariants();
    }

    [Fact]
    public void TheFirstAnswerCounts_AndNoOther()
    {
        Begin(1);
        _set.MarkLate(_taken[0].Handle);
        Assert.True(_set.TryTakeAgain(out Candidate again));
        Assert.True(_set.MarkAnswered(again.Handle, again.Id));
        Assert.True(_set.IsAmongClosest(again.Handle));
        Assert.False(_set.MarkAnswered(again.Handle, again.Id));
        Assert.False(_set.MarkLate(again.Handle));
        Assert.False(_set.MarkFailed(again.Handle));
        Assert.Equal((1, 1, 0), (_set.ClosestCount, _set.AnsweredCount, _set.InFlightCount));
        _set.CheckInvariants();
    }

    [Fact]
    public void TheEndOfOneQuery_LeavesTheOthersOpen()
    {
        Begin(1);
        _set.MarkLate(_taken[0].Handle);
        Assert.True(_set.TryTakeAgain(out Candidate again));
        Assert.False(_set.MarkFailed(_taken[0].Handle));
        Assert.Equal((1, 1), (_set.InFlightCount, _set.Count));
        _set.CheckInvariants();
        Assert.True(_set.MarkAnswered(again.Handle, again.Id));
        Assert.Equal(1, _set.ClosestCount);

        _taken.Clear();
        Begin(1);
        _set.MarkLate(_taken[0].Handle);
        Assert.True(_set.TryTakeAgain(out again));
        Assert.False(_set.MarkFailed(again.Handle));
        Assert.True(_set.MarkFailed(again.Handle));
        Assert.Equal((0, 0), (_set.InFlightCount, _set.Count));
        _set.CheckInvariants();
    }

    [Fact]
    public void OneAddressUnderManyPorts_IsNotAskedMoreForIt()
    {
        var set = new CandidateSet(new CandidateSetOptions { RepeatsMax = 3 }, new SeededRandomSource(1));
        var random = new SeededRandomSource(2);
        set.Begin(default, NodeId.Random(random));
        for (ushort port = 1; port <= 40; port++)
        {
            set.BeginReply();
            set.Add(NodeId.Random(random), Endpoint.FromIPv4(0x08080808, port));
        }

        int queries = 0;
        for (int round = 0; round < 40; round++)
        {
            while (set.TryTakeNext(out Candidate candidate) || set.TryTakeAgain(out candidate))
            {
                queries++;
                set.MarkLate(candidate.Handle);
                set.CheckInvariants();
            }
        }

        Assert.Equal(4, queries);
    }

    [Fact]
    public void OfOneNetwork_TheNearestCount_NotTheFirst()
    {
        var options = new CandidateSetOptions { K = 4, LimitsNetworks = true };
        var set = new CandidateSet(options, new SeededRandomSource(1));
        set.Begin(default, NodeId.Parse("ffffffffffffffffffffffffffffffffffffffff"));
        string[] ids = ["01", "02", "04", "08", "10", "20"];
        for (int i = 0; i < ids.Length; i++)
        {
            Assert.True(set.Add(Id(ids[i]), Endpoint.FromIPv4(0x08080800 + (uint)i, 6881)));
        }

        var taken = new List<Candidate>();
        while (set.TryTakeNext(out Candidate candidate))
        {
            taken.Add(candidate);
        }

        taken.Reverse();
        foreach (Candidate candidate in taken)
        {
            set.MarkAnswered(candidate.Handle, candidate.Id);
            set.CheckInvariants();
        }

        Span<CompactNode> closest = new CompactNode[8];
        Assert.Equal(2, set.CopyClosest(closest));
        Assert.Equal(Id("01"), closest[0].Id);
        Assert.Equal(Id("02"), closest[1].Id);
        Assert.False(set.Add(Id("03"), Endpoint.FromIPv4(0x080808F0, 6881)));
        Assert.True(set.Add(Id("001"), Endpoint.FromIPv4(0x080808F1, 6881)));
    }

    [Fact]
    public void TheNearestComeFirst_AndThoseFartherThanTheClosestNever()
    {
        Begin(6);
        _set.MarkLate(_taken[0].Handle);
        _set.MarkLate(_taken[2].Handle);
        _set.MarkLate(_taken[5].Handle);
        _set.MarkAnswered(_taken[1].Handle, _taken[1].Id);
        _set.MarkAnswered(_taken[3].Handle, _taken[3].Id);
        Assert.True(_set.TryTakeAgain(out Candidate first));
        Assert.True(_set.TryTakeAgain(out Candidate second));
        Assert.Equal((_taken[0].Handle, _taken[2].Handle), (first.Handle, second.Handle));
        Assert.False(_set.TryTakeAgain(out _));
    }

    [Fact]
    public void OneThatCannotBeSentTo_IsGivenUp()
    {
        Begin(1);
        _set.MarkLate(_taken[0].Handle);
        Assert.True(_set.TryTakeAgain(out Candidate again));
        _set.GiveUpRepeat(again.Handle);
        _set.CheckInvariants();
        Assert.False(_set.TryTakeAgain(out _));
        Assert.Equal((1, 0), (_set.AskedCount, _set.InFlightCount));
        Assert.True(_set.MarkAnswered(again.Handle, again.Id));
    }

    [Fact]
    public void AModestSearch_AsksNoneAgain()
    {
        Begin(1, isModest: true);
        _set.MarkLate(_taken[0].Handle);
        Assert.False(_set.TryTakeAgain(out _));
    }

    private static NodeId Id(string prefix) => NodeId.Parse(prefix.PadRight(40, '0'));

    /// <summary>Starts a search for zero and takes all of its candidates, whose ids count up from 1.</summary>
    private void Begin(int candidates, bool isModest = false)
    {
        _set.Begin(default, NodeId.Parse(new string('f', 40)), isModest, isAwaited: !isModest);
        for (int i = 1; i <= candidates; i++)
        {
            Assert.True(_set.Add(Id($"{i:x2}"), Endpoint.FromIPv4(0x0B000000 + ((uint)i << 8), 1)));
        }

        while (_set.TryTakeNext(out Candidate candidate))
        {
            _taken.Add(candidate);
        }

        Assert.Equal(candidates, _taken.Count);
    }
}
