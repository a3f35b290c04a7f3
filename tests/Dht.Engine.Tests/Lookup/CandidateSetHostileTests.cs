using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Lookup;
using Dht.Engine.Randomness;

namespace Dht.Engine.Tests.Lookup;

public sealed class CandidateSetHostileTests : IDisposable
{
    private readonly SeededRandomSource _random = new(2);
    private readonly NodeId _target;
    private readonly NodeId _self;
    private readonly CandidateSet _set;

    public CandidateSetHostileTests()
    {
        _target = NodeId.Random(_random);
        _self = NodeId.Random(_random);
        _set = new CandidateSet(new CandidateSetOptions(), _random);
        _set.Begin(_target, _self);
    }

    public void Dispose() => _set.CheckInvariants();

    [Fact]
    public void OfOneReply_OnlySoManyContactsAreLookedAt()
    {
        Answered(Near(0), At(1));
        int added = 0;
        for (int i = 0; i < 2_000; i++)
        {
            added += _set.Add(Near(30), At(10 + i)) ? 1 : 0;
        }

        Assert.Equal(16, added);
        Assert.False(_set.HasReplyRoom);
        _set.BeginReply();
        Assert.True(_set.HasReplyRoom);
        Assert.True(_set.Add(Near(30), At(3_000)));
    }

    [Fact]
    public void OurOwnId_IsNeverACandidate()
    {
        Assert.False(_set.Add(_self, At(1)));
        Assert.True(_set.Add(Near(1), At(2)));
        Assert.False(_set.MarkAnswered(Take().Handle, _self));
        Assert.True(_set.IsSettled);
        Assert.Equal((0, 0, 0), (_set.ClosestCount, _set.AnsweredCount, _set.Count));
    }

    [Fact]
    public void NoEndpoint_IsAskedTwice()
    {
        Assert.True(_set.Add(Near(1), At(1)));
        Assert.False(_set.Add(Near(2), At(1)));
        Assert.True(_set.MarkFailed(Take().Handle));
        Assert.False(_set.Add(Near(3), At(1)));
        Assert.False(_set.AddEntry(At(1)));
    }

    [Fact]
    public void ASite_HasOnePlace_OnceItHasAnswered()
    {
        Answered(Near(1), At(1));
        Assert.False(_set.Add(Near(2), At(1).WithPort(1)));
        _set.BeginReply();
        Assert.False(_set.Add(Near(2), At(1).WithPort(1)));

        // An IPv6 site is a /64.
        Assert.True(_set.Add(Near(3), Endpoint.FromIPv6(1, 1, 1)));
        Assert.False(_set.Add(Near(4), Endpoint.FromIPv6(1, 2, 1)));
        Assert.True(_set.Add(Near(4), Endpoint.FromIPv6(2, 2, 1)));
    }

    [Fact]
    public void ASite_IsAskedAtSoManyEndpointsAtMost()
    {
        int added = 0;
        for (ushort port = 1; port < 50; port++)
        {
            _set.BeginReply();
            if (_set.Add(Near(port), At(1).WithPort(port)))
            {
                added++;
                _set.MarkFailed(Take().Handle);
            }
        }

        Assert.Equal(3, added);
    }

    [Fact]
    public void SharedAddresses_AreAllowedByTheOption()
    {
        var set = new CandidateSet(new CandidateSetOptions { AllowSharedAddresses = true }, _random);
        set.Begin(_target, _self);
        for (ushort port = 1; port <= 20; port++)
        {
            Assert.True(set.Add(Near(port), At(1).WithPort(port)));
        }
    }

    [Fact]
    public void AnIdNamedWithAFalseEndpoint_CanStillBeFound()
    {
        NodeId wanted = Near(100);
        _set.BeginReply();
        Assert.True(_set.Add(wanted, At(66)));
        Assert.False(_set.Add(wanted, At(67)));
        _set.BeginReply();
        Assert.True(_set.Add(wanted, At(1)));
        Candidate first = Take();
        Candidate second = Take();
        Assert.True(_set.MarkAnswered(second.Handle, wanted));
        _set.BeginReply();
        Assert.False(_set.Add(wanted, At(68)));

        // The second to answer under the same id does not count.
        Assert.True(_set.MarkAnswered(first.Handle, wanted));
        Assert.Equal(1, _set.ClosestCount);
        Assert.Equal(new CompactNode(wanted, At(1)), _set.ClosestAt(0));
    }

    [Fact]
    public void AnEndpointNamedWithAFalseId_TakesThePlaceOfTheIdThatItSays()
    {
        NodeId near = Near(60);
        Assert.True(_set.Add(Near(100), At(1)));
        Assert.True(_set.Add(Near(50), At(2)));
        Candidate first = Take();
        Candidate second = Take();
        Assert.True(_set.MarkAnswered(first.Handle, Near(3)));
        Assert.True(_set.MarkAnswered(second.Handle, near));
        Assert.True(_set.SetToken(second.Handle, "token"u8));
        Assert.Equal(new CompactNode(near, At(2)), _set.ClosestAt(0));
        Assert.Equal("token"u8, _set.TokenAt(0));
        Assert.Equal(At(1), _set.ClosestAt(1).Endpoint);
    }

    /// <summary>
    /// A liar whose every contact is nearer than the last and never answers, and that is itself asked again and again.
    /// </summary>
    [Fact]
    public void EverNearerMadeUpContacts_DoNotMakeTheSearchEndless()
    {
        for (int i = 0; i < 8; i++)
        {
            Answered(Near(10), At(i));
        }

        int queries = 0;
        int before = -1;
        int host = 1_000;
        for (int nearness = 20; queries > before; nearness = Math.Min(nearness + 1, 150))
        {
            before = queries;
            _set.BeginReply();
            for (int i = 0; i < 100; i++)
            {
                _set.Add(Near(nearness), At(host++));
            }

            _set.CheckInvariants();
            while (_set.TryTakeNext(out Candidate candidate))
            {
                queries++;
                Assert.False(_set.IsComplete);
                _set.MarkLate(candidate.Handle);
            }
        }

        Assert.True(_set.IsComplete);
        Assert.Equal(8, _set.ClosestCount);
        Assert.Equal(256, _set.AskedCount);
        Assert.True(_set.Count <= 128);
    }

    [Fact]
    public void SilentContacts_CannotShutTheSet()
    {
        for (int i = 0; i < 128; i++)
        {
            Assert.True(_set.Add(Near(50), At(i)));
        }

        Assert.False(_set.Add(Near(2), At(1_000)));
        Assert.True(_set.Add(Near(60), At(1_001)));
        while (_set.TryTakeNext(out Candidate candidate))
        {
            _set.MarkLate(candidate.Handle);
        }

        Assert.Equal(128, _set.Count);
        Assert.True(_set.Add(Near(2), At(1_000)));
        Assert.Equal(128, _set.Count);
        Assert.Equal(At(1_000), Take().Endpoint);
    }

    private static Endpoint At(int host) => Endpoint.FromIPv4(0x0B000000u + (uint)host, 6881);

    private NodeId Near(int commonBits) => _target.RandomWithCommonPrefix(commonBits, _random);

    private Candidate Take()
    {
        Assert.True(_set.TryTakeNext(out Candidate candidate));
        return candidate;
    }

    private void Answered(in NodeId id, in Endpoint endpoint)
    {
        _set.BeginReply();
        Assert.True(_set.Add(id, endpoint));
        Assert.True(_set.MarkAnswered(Take().Handle, id));
    }
}
