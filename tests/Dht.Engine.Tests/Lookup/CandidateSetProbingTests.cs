using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Lookup;
using Dht.Engine.Randomness;

namespace Dht.Engine.Tests.Lookup;

/// <summary>Probes, and entry points that become candidates, against what they should do, written slowly.</summary>
public sealed class CandidateSetProbingTests
{
    private static readonly CandidateSetOptions Options = new()
    {
        K = 4,
        AllowSharedAddresses = true,
        Window = 6,
        QueriesMax = 400,
    };

    private readonly List<Item> _items = [];
    private readonly CandidateSet _set = new(Options, new SeededRandomSource(1));
    private SeededRandomSource _random = new(0);
    private NodeId _target;
    private NodeId _self;
    private ulong _nearestLost;
    private int _answers;

    private enum State
    {
        Fresh,
        Asked,
        Late,
        Answered,
        Gone,
    }

    private List<Item> Closest => [.. _items.Where(static item => item.State == State.Answered)
        .OrderBy(item => item.Id.DistanceTo(_target))];

    private bool HasGaps => Closest.Count < Options.K
        ? _nearestLost != ulong.MaxValue || _items.Exists(static item => item.State == State.Late)
        : _nearestLost < KeyOf(Closest[^1].Id) || _items.Exists(item => item is { State: State.Late, IsEntry: false }
            && item.Id.DistanceTo(_target) < Closest[^1].Id.DistanceTo(_target));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void RandomUse_BehavesLikeTheModel(int seed)
    {
        _random = new SeededRandomSource((ulong)seed);
        int probes = 0;
        for (int search = 0; search < 1000; search++)
        {
            Begin();
            for (int step = 0; step < 120; step++)
            {
                string where = $"seed {seed}, search {search}, step {step}";
                Act(_random.Next(10), where);
                _set.CheckInvariants();
                Assert.True(HasGaps == _set.HasGaps, where);
                probes += _random.Next(8) == 0 && Probe(where) ? 1 : 0;
                Look(where);
            }
        }

        Assert.True(probes > 1000);
    }

    [Fact]
    public void AnEntryWithOurId_IsDropped()
    {
        Begin();
        _set.AddEntry(Endpoint.FromIPv4(0x0B000001, 1));
        Assert.True(_set.TryTakeNext(out Candidate entry));
        Assert.True(_set.IsEntry(entry.Handle));
        Assert.False(_set.MarkEntryAnswered(entry.Handle, _self));
        Assert.Equal((0, 0), (_set.AnsweredCount, _set.ClosestCount));
        Assert.False(_set.MarkAnswered(entry.Handle, _self));
        Assert.False(_set.IsEntry(entry.Handle));
        Assert.True(_set.IsSettled);
    }

    [Fact]
    public void ASearchWithoutLosses_ProbesNone()
    {
        Begin();
        for (uint i = 0; i < 20; i++)
        {
            _set.Add(NodeId.Random(_random), Endpoint.FromIPv4(0x0B000000 + i, 1));
        }

        while (_set.TryTakeNext(out Candidate candidate))
        {
            Assert.True(_set.MarkAnswered(candidate.Handle, candidate.Id));
            Assert.False(_set.TryTakeProbe(out _));
        }

        Assert.Equal(Options.K, _set.ClosestCount);
    }

    private void Begin()
    {
        _target = NodeId.Random(_random);
        _self = NodeId.Random(_random);
        _items.Clear();
        _nearestLost = ulong.MaxValue;
        _answers = 0;
        _set.Begin(_target, _self);
    }

    private void Act(int action, string where)
    {
        switch (action)
        {
            case < 3:
                NodeId id = NodeId.Random(_random);
                _set.BeginReply();
                bool useful = Closest.Count < Options.K
                    || id.DistanceTo(_target) < Closest[^1].Id.DistanceTo(_target);
                Item item = New(id, isEntry: false);
                Assert.True(_set.Add(id, item.Endpoint) == useful, where);
                item.State = useful ? State.Fresh : State.Gone;
                return;
            case 3 when _items.Count(static item => item.IsEntry && item.State != State.Gone) < Options.EntriesMax:
                Assert.True(_set.AddEntry(New(default, isEntry: true).Endpoint), where);
                return;
            case < 6:
                if (_set.TryTakeNext(out Candidate candidate))
                {
                    Item taken = _items.Find(known => known.Endpoint == candidate.Endpoint)!;
                    Assert.True(taken.State == State.Fresh && taken.IsEntry == !candidate.HasId, where);
                    taken.State = State.Asked;
                    taken.Handle = candidate.Handle;
                }

                return;
        }

        Item[] asked = [.. _items.Where(static item => item.Handle != 0)];
        if (asked.Length > 0)
        {
            End(asked[_random.Next(asked.Length)], action, where);
        }
    }

    private void End(Item item, int action, string where)
    {
        bool isOpen = item.State is State.Asked or State.Late;
        switch (action)
        {
            case 6:
                Assert.True(_set.MarkLate(item.Handle) == (item.State == State.Asked), where);
                item.State = item.State == State.Asked ? State.Late : item.State;
                break;
            case 7:
                Assert.True(_set.MarkFailed(item.Handle) == isOpen, where);
                _nearestLost = isOpen && !item.IsEntry ? Math.Min(_nearestLost, KeyOf(item.Id)) : _nearestLost;
                item.State = isOpen ? State.Gone : item.State;
                break;
            default:
                NodeId sender = item.IsEntry ? NodeId.Random(_random) : item.Id;
                Assert.True(_set.IsEntry(item.Handle) == (item.IsEntry && isOpen), where);
                Assert.True(_set.MarkEntryAnswered(item.Handle, sender) == (item.IsEntry && isOpen), where);
                Assert.True(_set.MarkAnswered(item.Handle, sender) == (!item.IsEntry && isOpen), where);
                if (isOpen)
                {
                    Answer(item, sender);
                }

                break;
        }
    }

    private void Answer(Item item, in NodeId sender)
    {
        _answers++;
        item.Id = sender;
        item.IsEntry = false;
        item.State = State.Answered;
        foreach (Item far in Closest.Skip(Options.K))
        {
            far.State = State.Gone;
        }

        List<Item> closest = Closest;
        foreach (Item fresh in _items.Where(static item => item is { State: State.Fresh, IsEntry: false }))
        {
            bool isUseless = closest.Count == Options.K
                && fresh.Id.DistanceTo(_target) > closest[^1].Id.DistanceTo(_target);
            fresh.State = isUseless ? State.Gone : State.Fresh;
        }
    }

    private bool Probe(string where)
    {
        Item? expected = HasGaps ? Closest.Find(static item => !item.IsProbed) : null;
        bool probes = _set.TryTakeProbe(out Candidate candidate);
        Assert.True(probes == (expected != null), where);
        if (expected != null)
        {
            expected.IsProbed = true;
            Assert.True(candidate.Id == expected.Id && candidate.Endpoint == expected.Endpoint, where);
            Assert.True(candidate.HasId, where);
        }

        return probes;
    }

    private void Look(string where)
    {
        Span<CompactNode> copied = stackalloc CompactNode[16];
        List<Item> closest = Closest;
        Assert.True(_set.CopyClosest(copied) == closest.Count && _set.AnsweredCount == _answers, where);
        Assert.True(_set.InFlightCount == _items.Count(static item => item.State == State.Asked), where);
        for (int i = 0; i < closest.Count; i++)
        {
            Assert.True(copied[i] == new CompactNode(closest[i].Id, closest[i].Endpoint), where);
        }
    }

    private ulong KeyOf(in NodeId id) => id.Prefix64 ^ _target.Prefix64;

    private Item New(in NodeId id, bool isEntry)
    {
        var endpoint = Endpoint.FromIPv4(0x0B000000 + (uint)_items.Count, 1);
        var item = new Item { Id = id, Endpoint = endpoint, IsEntry = isEntry };
        _items.Add(item);
        return item;
    }

    private sealed class Item
    {
        public NodeId Id { get; set; }

        public required Endpoint Endpoint { get; init; }

        public bool IsEntry { get; set; }

        public State State { get; set; }

        public long Handle { get; set; }

        public bool IsProbed { get; set; }
    }
}
