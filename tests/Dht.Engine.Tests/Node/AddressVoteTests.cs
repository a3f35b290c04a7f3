using Dht.Engine.Addressing;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Node;

public sealed class AddressVoteTests
{
    private const int Quorum = AddressVote.QuorumDefault;
    private const int Capacity = AddressVote.CapacityDefault;

    public static TheoryData<IpFamily> Families => [IpFamily.IPv4, IpFamily.IPv6];

    [Theory]
    [MemberData(nameof(Families))]
    public void TheQuorum_DecidesAndNotOneLess(IpFamily family)
    {
        AddressVote vote = Make(family);
        Assert.Equal(Quorum - 1, Cast(vote, 0, Quorum - 1, Address(family, 1), out int changes));
        Assert.Equal(0, changes);
        Assert.False(vote.TryGetCurrent(out _));
        Cast(vote, Quorum - 1, 1, Address(family, 1), out changes);
        Assert.Equal(1, changes);
        AssertCurrent(vote, Address(family, 1));
        Assert.Equal(family, vote.Family);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void ANetwork_HasOneVoteHoweverOftenItVotes(IpFamily family)
    {
        AddressVote vote = Make(family);
        for (int i = 0; i < 40; i++)
        {
            Assert.True(vote.TryCount(VoterIn(family, 7, host: i), Address(family, 1), out bool hasChanged));
            Assert.False(hasChanged);
        }

        Assert.Equal(1, vote.Count);
        Cast(vote, 100, Quorum - 2, Address(family, 1), out int changes);
        Assert.Equal(0, changes);
        Cast(vote, 200, 1, Address(family, 1), out changes);
        Assert.Equal(1, changes);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void ByEndpoint_EachPortIsAVoter(IpFamily family)
    {
        var vote = new AddressVote(family, AddressPolicy.Public, perEndpoint: true);
        for (int i = 0; i < Quorum; i++)
        {
            AssertStillUnknown(vote);
            Endpoint voter = VoterIn(family, 7).WithPort((ushort)(1_000 + i));
            vote.TryCount(voter, Address(family, 1), out _);
            vote.TryCount(voter, Address(family, 1), out _);
        }

        AssertCurrent(vote, Address(family, 1));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Ports_DoNotSplitTheVote(IpFamily family)
    {
        AddressVote vote = Make(family);
        for (int i = 0; i < Quorum; i++)
        {
            vote.TryCount(VoterIn(family, i), Address(family, 1).WithPort((ushort)(5_000 + i)), out _);
        }

        AssertCurrent(vote, Address(family, 1).WithPort(5_000 + Quorum - 1));
        vote.TryCount(VoterIn(family, 0), Address(family, 1).WithPort(9), out bool hasChanged);
        Assert.False(hasChanged);
        AssertCurrent(vote, Address(family, 1).WithPort(9));
        vote.TryCount(VoterIn(family, 1), Address(family, 2).WithPort(10), out _);
        AssertCurrent(vote, Address(family, 1).WithPort(9));
    }

    [Fact]
    public void ForgedFamiliesAndAddressesThatCannotBeOurs_AreNotCounted()
    {
        AddressVote four = Make(IpFamily.IPv4);
        AddressVote six = Make(IpFamily.IPv6);
        Endpoint a = Address(IpFamily.IPv4, 1);
        Endpoint b = Address(IpFamily.IPv6, 1);
        for (int i = 0; i < 2 * Quorum; i++)
        {
            Endpoint voter4 = VoterIn(IpFamily.IPv4, i);
            Endpoint voter6 = VoterIn(IpFamily.IPv6, i);
            string[] lies =
                ["0.0.0.0:1", "127.0.0.1:1", "10.0.0.1:1", "100.64.0.1:1", "224.0.0.1:1", "8.8.8.8:0"];
            foreach (string lie in lies)
            {
                Assert.False(four.TryCount(voter4, Endpoint.Parse(lie), out _), lie);
            }

            string[] lies6 =
                ["[::]:1", "[::1]:1", "[fe80::1]:1", "[fc00::1]:1", "[::ffff:8.8.8.8]:1", "[2a00::1]:0"];
            foreach (string lie in lies6)
            {
                Assert.False(six.TryCount(voter6, Endpoint.Parse(lie), out _), lie);
            }

            Assert.False(four.TryCount(voter4, b, out _));
            Assert.False(four.TryCount(voter6, a, out _));
            Assert.False(four.TryCount(voter4, default, out _));
            Assert.False(four.TryCount(default, a, out _));
            Assert.False(six.TryCount(voter6, a, out _));
            Assert.False(six.TryCount(voter4, b, out bool hasChanged));
            Assert.False(hasChanged);
        }

        Assert.Equal((0, 0), (four.Count, six.Count));
        AssertStillUnknown(four);
        AssertStillUnknown(six);
    }

    [Fact]
    public void ThePolicy_DecidesWhatCanBeOurs()
    {
        var vote = new AddressVote(IpFamily.IPv4, AddressPolicy.AllowLocal, quorum: 1);
        Assert.True(vote.TryCount(Endpoint.Parse("127.0.0.2:1"), Endpoint.Parse("127.0.0.1:1"), out bool hasChanged));
        Assert.True(hasChanged);
    }

    [Fact]
    public void AMappedAddress_IsAVoteForTheIPv4AddressWithin()
    {
        var vote = new AddressVote(IpFamily.IPv4, AddressPolicy.Public, quorum: 1);
        Assert.True(vote.TryCount(VoterIn(IpFamily.IPv4, 1), Endpoint.Parse("[::ffff:8.8.8.8]:5"), out _));
        AssertCurrent(vote, Endpoint.Parse("8.8.8.8:5"));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void ByHand_OverridesAndIsChangedByTheSameMajority(IpFamily family)
    {
        AddressVote vote = Make(family);
        Cast(vote, 0, 40, Address(family, 1), out _);
        vote.Set(Address(family, 2));
        AssertCurrent(vote, Address(family, 2));
        Cast(vote, 0, Quorum - 1, Address(family, 1), out int changes);
        Assert.Equal(0, changes);
        AssertCurrent(vote, Address(family, 2));
        Cast(vote, Quorum - 1, 1, Address(family, 1), out changes);
        Assert.Equal(1, changes);
        AssertCurrent(vote, Address(family, 1));
    }

    [Fact]
    public void Misuse_IsRefusedAtTheCall()
    {
        AddressVote vote = Make(IpFamily.IPv4);
        Assert.Throws<ArgumentException>(() => vote.Set(Address(IpFamily.IPv6, 1)));
        Assert.Throws<ArgumentException>(() => vote.Set(default));
        Assert.Throws<ArgumentNullException>(() => new AddressVote(IpFamily.IPv4, null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AddressVote(IpFamily.None, AddressPolicy.Public));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new AddressVote(IpFamily.IPv4, AddressPolicy.Public, quorum: 0));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new AddressVote(IpFamily.IPv4, AddressPolicy.Public, quorum: 5, capacity: 4));
    }

    [Fact]
    public void Voting_AllocatesNothing() => AllocationGuard.AssertNone(Make(IpFamily.IPv6), static vote =>
    {
        for (int i = 0; i < 1_000; i++)
        {
            vote.TryCount(VoterIn(IpFamily.IPv6, i), Address(IpFamily.IPv6, i / 100), out _);
        }

        vote.Set(Address(IpFamily.IPv6, 1));
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void RandomVotes_CountAsInTheModel(ulong seed)
    {
        var random = new SeededRandomSource(seed);
        int changes = 0;
        for (int round = 0; round < 60; round++)
        {
            IpFamily family = round % 2 == 0 ? IpFamily.IPv4 : IpFamily.IPv6;
            int capacity = 1 + random.Next(12);
            int quorum = 1 + random.Next(capacity);
            int networks = 1 + random.Next(20);
            bool perEndpoint = random.Next(4) == 0;
            var vote = new AddressVote(family, AddressPolicy.Public, quorum, capacity, perEndpoint);
            var model = new VoteModel(quorum, capacity, perEndpoint);
            for (int step = 0; step < 300; step++)
            {
                Endpoint observed = Address(family, random.Next(1 + random.Next(4))).WithPort(
                    (ushort)(1 + random.Next(3)));
                if (random.Next(50) == 0)
                {
                    vote.Set(observed);
                    model.Set(observed);
                }

                Endpoint voter = VoterIn(family, random.Next(networks), random.Next(3)).WithPort(
                    (ushort)(1 + random.Next(2)));
                bool expected = model.Cast(voter, observed);
                Assert.True(
                    vote.TryCount(voter, observed, out bool hasChanged), $"seed {seed}, round {round}, step {step}");
                vote.CheckInvariants();
                vote.TryGetCurrent(out Endpoint current);
                Assert.True(
                    (expected, model.Current, model.Count) == (hasChanged, current, vote.Count),
                    $"seed {seed}, round {round}, step {step}");
                changes += hasChanged ? 1 : 0;
            }
        }

        Assert.True(changes > 100, $"seed {seed}: only {changes} changes");
    }

    internal static AddressVote Make(IpFamily family) => new(family, AddressPolicy.Public, Quorum, Capacity);

    internal static Endpoint Address(IpFamily family, int number) => family == IpFamily.IPv4
        ? Endpoint.FromIPv4(0x5DB8_0000 + (uint)number, 6881)
        : Endpoint.FromIPv6(0x2A02_8108_0000_0000, (ulong)number, 6881);

    internal static Endpoint VoterIn(IpFamily family, int network, int host = 1) => family == IpFamily.IPv4
        ? Endpoint.FromIPv4(0x0800_0000 + ((uint)network << 8) + (byte)host, 6881)
        : Endpoint.FromIPv6(0x2A00_0000_0000_0000 + ((ulong)network << 32) + (byte)host, (ulong)host, 6881);

    /// <summary>One vote from each of some networks; returns how many were counted.</summary>
    internal static int Cast(AddressVote vote, int firstNetwork, int networks, Endpoint observed, out int changes)
    {
        int counted = 0;
        changes = 0;
        for (int i = firstNetwork; i < firstNetwork + networks; i++)
        {
            counted += vote.TryCount(VoterIn(vote.Family, i), observed, out bool hasChanged) ? 1 : 0;
            changes += hasChanged ? 1 : 0;
        }

        return counted;
    }

    internal static void AssertCurrent(AddressVote vote, Endpoint expected)
    {
        Assert.True(vote.TryGetCurrent(out Endpoint current));
        Assert.Equal(expected, current);
    }

    private static void AssertStillUnknown(AddressVote vote) => Assert.False(vote.TryGetCurrent(out _));
}
