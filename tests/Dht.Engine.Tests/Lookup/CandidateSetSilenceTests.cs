using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Lookup;
using Dht.Engine.Randomness;

namespace Dht.Engine.Tests.Lookup;

/// <summary>When so many are silent that live nodes may be hidden, though no near one was lost.</summary>
public sealed class CandidateSetSilenceTests
{
    private static readonly CandidateSetOptions Options = new() { K = 4, RepeatsMax = 1 };

    private readonly CandidateSet _set = new(Options, new SeededRandomSource(1));
    private uint _endpoints;

    [Theory]
    [InlineData(3, 4, false)]
    [InlineData(4, 4, true)]
    [InlineData(4, 8, true)]
    [InlineData(4, 9, false)]
    [InlineData(6, 12, true)]
    [InlineData(6, 13, false)]
    public void FourSilentAndAThirdOfAll_AreSuspicious(int silent, int answering, bool suspicious)
    {
        Begin();
        AskTheSilent(silent);
        AssertSuspicious(suspicious, answering);
    }

    [Fact]
    public void OneThatIsAskedAgain_IsSilentOnce()
    {
        Begin();
        AskTheSilent(3);
        for (int i = 0; i < 3; i++)
        {
            Assert.True(_set.TryTakeAgain(out Candidate again));
            Assert.True(_set.MarkLate(again.Handle));
        }

        AssertSuspicious(false, 4);
    }

    [Fact]
    public void SilentEntryPoints_DoNotCount()
    {
        Begin();
        AskTheSilent(3);
        for (int i = 0; i < 5; i++)
        {
            Assert.True(_set.AddEntry(NextEndpoint()));
            Assert.True(_set.TryTakeNext(out Candidate entry));
            Assert.True(_set.MarkLate(entry.Handle));
        }

        AssertSuspicious(false, 4);
    }

    [Fact]
    public void AModestSearch_SuspectsNothing()
    {
        Begin(isModest: true);
        AskTheSilent(4);
        AssertSuspicious(false, 4);
    }

    [Fact]
    public void AnotherSearch_ForgetsWhoWasSilent()
    {
        Begin();
        AskTheSilent(8);
        Begin();
        AssertSuspicious(false, 4);
    }

    private void Begin(bool isModest = false) =>
        _set.Begin(default, NodeId.Parse(new string('f', 40)), isModest, isAwaited: !isModest);

    private void AskTheSilent(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Assert.True(_set.MarkLate(Ask(0xF0 - i)));
        }
    }

    // Each is nearer than all before, and all are nearer than the silent: none of those is missing among the closest.
    private void AssertSuspicious(bool expected, int answering)
    {
        for (int i = 0; i < answering; i++)
        {
            int number = 0x40 - i;
            Assert.True(_set.MarkAnswered(Ask(number), Id(number)));
            _set.CheckInvariants();
        }

        Assert.Equal((answering, Options.K), (_set.AnsweredCount, _set.ClosestCount));
        Assert.False(_set.HasGaps);
        Assert.Equal(expected, _set.IsTimeToProbe);
        Assert.Equal(expected, _set.TryTakeProbe(out Candidate probed));
        Assert.Equal(expected ? Id(0x40 - answering + 1) : default, probed.Id);
    }

    private long Ask(int number)
    {
        Assert.True(_set.Add(Id(number), NextEndpoint()));
        Assert.False(_set.IsTimeToProbe);
        Assert.True(_set.TryTakeNext(out Candidate candidate));
        Assert.Equal(Id(number), candidate.Id);
        return candidate.Handle;
    }

    private Endpoint NextEndpoint() => Endpoint.FromIPv4(0x08000001 + (++_endpoints << 8), 6881);

    private static NodeId Id(int number) => NodeId.Parse(number.ToString("x2") + new string('0', 38));
}
