using Dht.Engine.Addressing;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using static Dht.Engine.Tests.Node.AddressVoteTests;

namespace Dht.Engine.Tests.Node;

/// <summary>How many networks it takes to change our address against others, and what a change leaves behind.</summary>
public sealed class AddressVoteLiarTests
{
    private const IpFamily Family = IpFamily.IPv4;
    private const int Quorum = AddressVote.QuorumDefault;
    private const int Capacity = AddressVote.CapacityDefault;
    private const int Liars = 10_000;

    private static readonly Endpoint Truth = Address(Family, 1);
    private static readonly Endpoint Lie = Address(Family, 2);

    /// <summary>
    /// As many liars as honest networks is a tie, and changes nothing; one more, and a quorum, changes it.
    /// </summary>
    [Theory]
    [InlineData(21, 22)]
    [InlineData(25, 26)]
    [InlineData(31, 32)]
    public void AgainstHonestVotes_LiarsNeedOneNetworkMore(int honest, int needed)
    {
        AddressVote vote = Make(Family);
        Cast(vote, 0, honest, Truth, out _);
        for (int repeat = 0; repeat < 40; repeat++)
        {
            Cast(vote, Liars, needed - 1, Lie, out int early);
            Assert.Equal(0, early);
        }

        AssertCurrent(vote, Truth);
        Cast(vote, Liars + needed - 1, 1, Lie, out int changes);
        Assert.Equal(1, changes);
        AssertCurrent(vote, Lie);
    }

    /// <summary>
    /// However many honest networks there are, only those heard last defend: 31 liars never win, 32 do once they come
    /// last.
    /// </summary>
    [Fact]
    public void WhenAllPlacesAreTaken_LiarsNeedHalfOfThemAndOne()
    {
        AddressVote vote = Make(Family);
        Cast(vote, 0, 500, Truth, out _);
        Assert.Equal(Capacity, vote.Count);
        for (int repeat = 0; repeat < 40; repeat++)
        {
            Cast(vote, Liars, 31, Lie, out int early);
            Assert.Equal(0, early);
        }

        Cast(vote, Liars + 31, 1, Lie, out int changes);
        Assert.Equal(1, changes);
    }

    /// <summary>
    /// Liars that come first win with a quorum, because no other vote is known; the honest take it back as soon as
    /// they are more.
    /// </summary>
    [Fact]
    public void TheHonest_TakeBackWhatTheFirstToComeHaveWon()
    {
        AddressVote vote = Make(Family);
        Cast(vote, Liars, Quorum, Lie, out _);
        AssertCurrent(vote, Lie);
        Cast(vote, 0, Quorum, Truth, out int changes);
        Assert.Equal(0, changes);
        Cast(vote, Quorum, 1, Truth, out changes);
        Assert.Equal(1, changes);
        AssertCurrent(vote, Truth);
    }

    /// <summary>Liars who each say something else weigh as much as ones who agree, but win nothing.</summary>
    [Fact]
    public void ScatteredLies_HoldUpAChangeAndWinNone()
    {
        AddressVote vote = Make(Family);
        for (int i = 0; i < 30; i++)
        {
            vote.TryCount(VoterIn(Family, Liars + i), Address(Family, 100 + i), out _);
        }

        Cast(vote, 0, 30, Truth, out int changes);
        Assert.Equal(0, changes);
        Assert.False(vote.TryGetCurrent(out _));
        Cast(vote, 30, 1, Truth, out changes);
        Assert.Equal(1, changes);
    }

    /// <summary>
    /// In any order and however often each votes: a lie wins only in a moment at which more liars' votes are held
    /// than honest ones, and in the end, all networks having voted since, the greater number wins.
    /// </summary>
    [Theory]
    [InlineData(1, 22, 21)]
    [InlineData(2, 32, 31)]
    [InlineData(3, 40, 23)]
    [InlineData(4, 21, 20)]
    [InlineData(5, 45, 10)]
    public void InAnyOrder_ALieNeedsMoreNetworksThanTheTruth(ulong seed, int honest, int liars)
    {
        for (int round = 0; round < 50; round++)
        {
            var random = new SeededRandomSource((seed * 1_000) + (ulong)round);
            AddressVote vote = Make(Family);
            var heard = new HashSet<int>();
            for (int step = 0; step < 1_000; step++)
            {
                int voter = random.Next(honest + liars);
                heard.Add(voter);
                vote.TryCount(VoterIn(Family, voter), voter < honest ? Truth : Lie, out bool hasChanged);
                if (hasChanged && vote.TryGetCurrent(out Endpoint current) && current == Lie)
                {
                    int honestHeard = heard.Count(v => v < honest);
                    Assert.True(
                        heard.Count - honestHeard > honestHeard,
                        $"seed {seed}, round {round}, step {step}: {honestHeard} of {heard.Count}");
                }

                // What a change forgets is to be heard again.
                if (hasChanged)
                {
                    bool isTrue = vote.VotesFor(Truth) > 0;
                    heard.RemoveWhere(v => v < honest != isTrue);
                }
            }

            Cast(vote, 0, honest, Truth, out _);
            AssertCurrent(vote, Truth);
        }
    }

    /// <summary>
    /// 31 networks that vote before and after every honest one never win, however many honest ones take turns.
    /// </summary>
    [Fact]
    public void UntiringLiars_NeverWinWithLessThanHalfThePlaces()
    {
        AddressVote vote = Make(Family);
        Cast(vote, 0, Capacity, Truth, out _);
        for (int i = 0; i < 500; i++)
        {
            Cast(vote, Liars, 31, Lie, out int changes);
            Assert.Equal(0, changes);
            Cast(vote, i * 7 % 500, 1, Truth, out _);
        }

        AssertCurrent(vote, Truth);
    }

    /// <summary>
    /// After a change nothing changes back by votes cast before it: any other address takes a quorum of later ones.
    /// </summary>
    [Fact]
    public void OldVotes_DoNotChangeItBack()
    {
        AddressVote vote = Make(Family);
        Cast(vote, 0, 31, Truth, out _);
        Cast(vote, 100, 32, Lie, out int changes);
        Assert.Equal(1, changes);
        Assert.Equal((0, 32), (vote.VotesFor(Truth), vote.Count));
        Cast(vote, 0, 1, Truth, out changes);
        Assert.Equal(0, changes);

        // A swing network, which a count of all votes would let decide each time.
        for (int i = 0; i < 100; i++)
        {
            Cast(vote, 110, 1, i % 2 == 0 ? Truth : Lie, out changes);
            Assert.Equal(0, changes);
        }

        AssertCurrent(vote, Lie);
    }

    /// <summary>
    /// Votes for the address we had do not hold up a true change longer than half the places and one.
    /// </summary>
    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void OldVotes_DoNotBlockATrueChange(int firstOfTheLater)
    {
        AddressVote vote = Make(Family);
        Cast(vote, 0, Capacity, Truth, out _);
        for (int move = 2; move < 10; move++)
        {
            int cast = 0;
            for (int changes = 0; changes == 0; cast++)
            {
                Cast(vote, firstOfTheLater + (move * 100) + cast, 1, Address(Family, move), out changes);
            }

            Assert.InRange(cast, Quorum, (Capacity / 2) + 1);
            Cast(vote, firstOfTheLater + (move * 100) + cast, Capacity - cast, Address(Family, move), out _);
            Assert.Equal(Capacity, vote.Count);
        }
    }

    /// <summary>Whatever comes in, between two changes lie at least as many votes as the quorum.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void BetweenTwoChanges_LiesAQuorumOfVotes(ulong seed)
    {
        var random = new SeededRandomSource(seed);
        AddressVote vote = Make(Family);
        int since = 0;
        int changes = 0;
        for (int step = 0; step < 100_000; step++)
        {
            // The favourite moves on each time that it has won, so that as many changes come as can.
            int favourite = changes % 3;
            int observed = random.Next(4) == 0 ? random.Next(3) : favourite;
            vote.TryCount(VoterIn(Family, random.Next(200)), Address(Family, observed), out bool hasChanged);
            since++;
            if (hasChanged)
            {
                Assert.True(since >= Quorum, $"seed {seed}, step {step}: {since} votes since the last change");
                since = 0;
                changes++;
            }
        }

        Assert.True(changes > 1_000, $"seed {seed}: only {changes} changes");
    }
}
