using Dht.Engine.Addressing;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Rpc;

public sealed class TransactionTableModelTests
{
    private readonly VirtualClock _clock = new();
    private SeededRandomSource _random = new(0);
    private TransactionTable<long> _table = new(1, new SeededRandomSource(0));
    private TransactionModel _model = new(1);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    [InlineData(5, 4)]
    [InlineData(16, 5)]
    [InlineData(37, 6)]
    public void RandomUse_BehavesLikeTheModel(int capacity, int seed)
    {
        _random = new SeededRandomSource((ulong)seed);
        _table = new TransactionTable<long>(capacity, new SeededRandomSource((ulong)seed + 1000));
        _model = new TransactionModel(capacity);
        for (int step = 0; step < 20_000; step++)
        {
            _clock.Advance(TimeSpan.FromTicks(_random.Next(4)));
            bool same = _random.Next(10) switch
            {
                < 4 => Open(step),
                < 6 => MatchAndClose(),
                6 => MatchFromElsewhere(),
                7 => MatchUnknown(),
                8 => MarkLate(),
                _ => Expire(),
            };
            _table.CheckInvariants();
            same &= _table.Count == _model.Count && _table.OpenCount == _model.OpenCount
                && _table.OldestSentAt() == ModelSentAt(openOnly: false)
                && _table.OldestOpenSentAt() == ModelSentAt(openOnly: true);
            Assert.True(same, $"seed {seed}, capacity {capacity}, step {step}");
        }
    }

    private Instant ModelSentAt(bool openOnly) =>
        _model.Oldest(openOnly) is ulong oldest ? _model[oldest].SentAt : Instant.Never;

    private bool Open(long state)
    {
        var destination = Endpoint.FromIPv4(0x01020300u + (uint)_random.Next(4), (ushort)(1 + _random.Next(3)));
        if (!_table.TryOpen(destination, _clock.Now, state, out ulong id))
        {
            return _model.IsFull;
        }

        bool isNew = !_model.Contains(id);
        _model.Open(id, destination, _clock.Now, state);
        return isNew && _table.Destination(_table.SlotOf(id)) == destination;
    }

    private bool MatchAndClose()
    {
        if (!TryPick(out ulong id))
        {
            return true;
        }

        TransactionModel.Query query = _model[id];
        bool same = Match(id, query.Destination, out int slot) == TransactionMatch.Found
            && _table.State(slot) == query.State && _table.SentAt(slot) == query.SentAt
            && _table.IsLate(slot) == query.Late;
        _table.Close(slot);
        _model.Close(id);
        return same && Match(id, query.Destination, out _) == TransactionMatch.Unknown;
    }

    private bool MatchFromElsewhere()
    {
        if (!TryPick(out ulong id))
        {
            return true;
        }

        Endpoint right = _model[id].Destination;
        return Match(id, right.WithPort((ushort)(right.Port + 1)), out _) == TransactionMatch.WrongSource
            && Match(id, Endpoint.FromIPv4(right.IPv4Bits + 1, right.Port), out _) == TransactionMatch.WrongSource
            && Match(id, Endpoint.FromIPv6(0, right.IPv4Bits, right.Port), out _) == TransactionMatch.WrongSource;
    }

    private bool MatchUnknown()
    {
        ulong id = _random.NextUInt64();
        return _model.Contains(id) || Match(id, default, out _) == TransactionMatch.Unknown;
    }

    private bool MarkLate()
    {
        Instant until = _clock.Now - TimeSpan.FromTicks(_random.Next(100));
        ulong? expected = _model.Oldest(openOnly: true);
        expected = expected is ulong id && _model[id].SentAt <= until ? id : null;
        bool marked = _table.TryMarkLate(until, out int slot);
        if (expected is not ulong late)
        {
            return !marked;
        }

        bool same = marked && _table.IsLate(slot) && _table.State(slot) == _model[late].State;
        _model.MarkLate(late);
        return same;
    }

    private bool Expire()
    {
        Instant until = _clock.Now - TimeSpan.FromTicks(_random.Next(200));
        while (_table.TryGetExpired(until, out int slot))
        {
            if (_model.Oldest(openOnly: false) is not ulong id || _model[id].SentAt > until
                || _model[id].State != _table.State(slot))
            {
                return false;
            }

            _table.Close(slot);
            _model.Close(id);
        }

        return _model.Oldest(openOnly: false) is not ulong left || _model[left].SentAt > until;
    }

    private bool TryPick(out ulong id)
    {
        id = _model.Count == 0 ? 0 : _model.Ids.ElementAt(_random.Next(_model.Count));
        return _model.Count > 0;
    }

    private TransactionMatch Match(ulong id, Endpoint source, out int slot)
    {
        Span<byte> bytes = stackalloc byte[TransactionId.Size];
        TransactionId.Write(bytes, id);
        return _table.TryMatch(bytes, source, out slot);
    }
}
