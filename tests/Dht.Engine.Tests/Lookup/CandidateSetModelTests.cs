using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Lookup;
using Dht.Engine.Randomness;

namespace Dht.Engine.Tests.Lookup;

public sealed class CandidateSetModelTests
{
    private static readonly CandidateSetOptions Small = new()
    {
        Capacity = 24,
        K = 3,
        Alpha = 2,
        Window = 4,
        InFlightMax = 5,
        QueriesMax = 60,
        ContactsPerReplyMax = 6,
        EntriesMax = 3,
        DeferralsMax = 2,
        EndpointsPerSiteMax = 2,
    };

    private readonly List<(long Handle, CandidateModel.Item Item)> _taken = [];
    private SeededRandomSource _random = new(0);
    private CandidateSet _set = new(Small, new SeededRandomSource(0));
    private CandidateModel _model = new(Small, default, default);
    private NodeId _target;
    private NodeId[] _ids = [];
    private Endpoint[] _endpoints = [];

    [Theory]
    [InlineData(IpFamily.IPv4, false, 1)]
    [InlineData(IpFamily.IPv6, false, 2)]
    [InlineData(IpFamily.IPv4, true, 3)]
    [InlineData(IpFamily.IPv6, true, 4)]
    public void RandomUse_BehavesLikeTheModel(IpFamily family, bool allowShared, int seed)
    {
        _random = new SeededRandomSource((ulong)seed);
        CandidateSetOptions[] variants =
        [
            Small with { AllowSharedAddresses = allowShared },
            Small with
            {
                AllowSharedAddresses = allowShared,
                Window = 0,
                InFlightMax = 2,
                K = 1,
                QueriesMax = 400,
                ContactsPerReplyMax = 30,
            },
            Small with
            {
                AllowSharedAddresses = allowShared,
                Window = 30,
                InFlightMax = 8,
                K = 8,
                Capacity = 32,
                QueriesMax = 400,
            },
        ];
        CandidateSet[] sets = [.. variants.Select(options => new CandidateSet(options, _random))];
        for (int search = 0; search < 500; search++)
        {
            // The sets are used again and again; only the model is new each time.
            int variant = _random.Next(variants.Length);
            _set = sets[variant];
            Begin(family, variants[variant]);
            int steps = 20 + _random.Next(200);
            for (int step = 0; step < steps; step++)
            {
                int action = _random.Next(23);
                bool same = Step(action) && LooksTheSame();
                _set.CheckInvariants();
                string where = $"seed {seed}, search {search}, variant {variant}, step {step}, action {action}";
                Assert.True(same, $"{where}: {Figures()}");
            }
        }
    }

    private void Begin(IpFamily family, CandidateSetOptions options)
    {
        _target = NodeId.Random(_random);
        _ids = new NodeId[10 + _random.Next(60)];
        for (int i = 0; i < _ids.Length; i++)
        {
            // Some differ only in their last bits, so that the first 64 are the same.
            int shared = _random.Next(3) == 0 ? 60 + _random.Next(100) : _random.Next(6);
            _ids[i] = _target.RandomWithCommonPrefix(shared, _random);
        }

        int sites = 4 + _random.Next(80);
        _endpoints = new Endpoint[80];
        for (int i = 0; i < _endpoints.Length; i++)
        {
            uint site = (uint)_random.Next(sites);
            ushort port = (ushort)(1 + _random.Next(3));
            _endpoints[i] = family == IpFamily.IPv6
                ? Endpoint.FromIPv6(0x2A00_0000_0000_0000ul | site, _random.NextUInt32() & 3, port)
                : Endpoint.FromIPv4(0x0B000000 | site, port);
        }

        _taken.Clear();
        _model = new CandidateModel(options, _target, _ids[0]);
        _set.Begin(_target, _ids[0]);
    }

    private bool Step(int action)
    {
        NodeId id = _ids[_random.Next(_ids.Length)];
        Endpoint endpoint = _endpoints[_random.Next(_endpoints.Length)];
        switch (action)
        {
            case < 7:
                return _set.Add(id, endpoint) == _model.Add(id, endpoint);
            case 7 when _random.Next(4) == 0:
                return _set.AddEntry(endpoint) == _model.AddEntry(endpoint);
            case 8 when _random.Next(4) == 0:
                _set.BeginReply();
                _model.BeginReply();
                return true;
            case < 13:
                return Take();
        }

        if (_taken.Count == 0)
        {
            return true;
        }

        (long handle, CandidateModel.Item item) = _taken[_random.Next(_taken.Count)];
        return action switch
        {
            13 => _set.MarkLate(handle) == _model.Late(item),
            14 => _set.MarkFailed(handle) == _model.Fail(item),
            15 => _set.Defer(handle) == _model.Defer(item),
            16 => SetToken(handle, item),
            17 => _set.MarkAnswered(handle, id) == _model.Answer(item, id),
            18 => _set.MarkRefused(handle) == _model.Refuse(item),
            19 => Rouse(handle, item),
            20 => _set.MarkAnswered(handle, id, isResult: false) == _model.Answer(item, id, isResult: false),
            _ => item.IsEntry
                ? _set.MarkAnswered(handle, id) == _model.Answer(item, id)
                : _set.MarkAnswered(handle, item.Id) == _model.Answer(item, item.Id),
        };
    }

    private bool Take()
    {
        bool taken = _set.TryTakeNext(out Candidate candidate);
        CandidateModel.Item? expected = _model.TakeNext();
        if (!taken || expected == null)
        {
            return !taken && expected == null;
        }

        bool isNewHandle = _taken.TrueForAll(entry => entry.Handle != candidate.Handle || entry.Item == expected);
        _taken.Add((candidate.Handle, expected));
        return isNewHandle && candidate.Handle is > 0 and < 1L << 48 && candidate.Id == expected.Id
            && candidate.Endpoint == expected.Endpoint && candidate.HasId == !expected.IsEntry;
    }

    private bool Rouse(long handle, CandidateModel.Item item)
    {
        _set.Rouse(handle);
        _model.Rouse(item);
        return true;
    }

    private bool SetToken(long handle, CandidateModel.Item item)
    {
        byte[] token = new byte[_random.Next(70)];
        _random.Fill(token);
        bool expected = _model.Closest.Contains(item) && token.Length <= CandidateSlots.TokenSizeMax;
        item.Token = expected ? token : item.Token;
        return _set.SetToken(handle, token) == expected;
    }

    private bool LooksTheSame()
    {
        List<CandidateModel.Item> closest = _model.Closest;
        var copied = new CompactNode[closest.Count + 1];
        bool same = _set.ClosestCount == closest.Count && _set.CopyClosest(copied) == closest.Count
            && _set.Count == _model.Ordered.Count && _set.InFlightCount == _model.InFlight
            && _set.AskedCount == _model.Asked && _set.AnsweredCount == _model.Answered
            && _set.IsComplete == _model.IsComplete && _set.IsSettled == _model.IsSettled;
        for (int i = 0; same && i < closest.Count; i++)
        {
            same = copied[i] == new CompactNode(closest[i].Id, closest[i].Endpoint) && _set.ClosestAt(i) == copied[i]
                && _set.TokenAt(i).SequenceEqual(closest[i].Token);
        }

        return same;
    }

    private string Figures() => $"count {_set.Count} {_model.Ordered.Count}, "
        + $"in flight {_set.InFlightCount} {_model.InFlight}, "
        + $"asked {_set.AskedCount} {_model.Asked}, answered {_set.AnsweredCount} {_model.Answered}, "
        + $"complete {_set.IsComplete} {_model.IsComplete}, settled {_set.IsSettled} {_model.IsSettled}, "
        + $"closest {_set.ClosestCount} {_model.Closest.Count}";
}
