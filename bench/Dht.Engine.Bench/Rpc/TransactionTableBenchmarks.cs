using System.Buffers.Binary;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Dht.Engine.Addressing;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Bench;

/// <summary>
/// Queries opened, matched and closed while many others are open. They are answered in random order, so with many of
/// them their slots are in no cache. The baseline is a dictionary by transaction id.
/// </summary>
[MemoryDiagnoser]
public class TransactionTableBenchmarks
{
    private readonly Dictionary<uint, (Endpoint Destination, Instant SentAt, long State)> _dictionary = [];
    private TransactionTable<long> _table = null!;
    private Endpoint[] _destinations = [];
    private byte[] _ids = [];
    private uint[] _keys = [];
    private int[] _order = [];
    private uint _nextKey;
    private int _next;

    [Params(1_000, 65_000)]
    public int Open { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(1);
        _table = new TransactionTable<long>(TransactionTable<long>.CapacityMax, random);
        _destinations = Inputs.Endpoints(IpFamily.IPv4, random, Open);
        _order = Inputs.Shuffled(random, Open);
        _ids = new byte[Open * TransactionId.Size];
        _keys = new uint[Open];
        for (int i = 0; i < Open; i++)
        {
            OpenAt(i);
            AddAt(i);
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Inputs.Count)]
    public int Dictionary_FindRemoveAdd()
    {
        int found = 0;
        for (int i = 0; i < Inputs.Count; i++)
        {
            int at = NextPlace();
            found += _dictionary.TryGetValue(_keys[at], out var query) && query.Destination == _destinations[at]
                ? 1
                : 0;
            _dictionary.Remove(_keys[at]);
            AddAt(at);
        }

        return found;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int MatchCloseOpen()
    {
        int found = 0;
        for (int i = 0; i < Inputs.Count; i++)
        {
            int at = NextPlace();
            if (_table.TryMatch(IdAt(at), _destinations[at], out int slot) == TransactionMatch.Found)
            {
                found++;
                _table.Close(slot);
                OpenAt(at);
            }
        }

        return found;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int Match()
    {
        int found = 0;
        for (int i = 0; i < Inputs.Count; i++)
        {
            int at = NextPlace();
            found += _table.TryMatch(IdAt(at), _destinations[at], out _) == TransactionMatch.Found ? 1 : 0;
        }

        return found;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int RefuseMadeUp()
    {
        int refused = 0;
        Span<byte> id = stackalloc byte[TransactionId.Size];
        for (int i = 0; i < Inputs.Count; i++)
        {
            int at = NextPlace();
            BinaryPrimitives.WriteUInt64LittleEndian(
                id, BinaryPrimitives.ReadUInt64LittleEndian(IdAt(at)) ^ (1ul << 62));
            refused += _table.TryMatch(id, _destinations[at], out _) == TransactionMatch.Unknown ? 1 : 0;
        }

        return refused;
    }

    private int NextPlace()
    {
        _next = _next + 1 < _order.Length ? _next + 1 : 0;
        return _order[_next];
    }

    private Span<byte> IdAt(int at) => _ids.AsSpan(at * TransactionId.Size, TransactionId.Size);

    private void OpenAt(int at)
    {
        _table.TryOpen(_destinations[at], Instant.Zero, at, out ulong id);
        TransactionId.Write(IdAt(at), id);
    }

    private void AddAt(int at)
    {
        _keys[at] = _nextKey += 0x9E3779B1;
        CollectionsMarshal.GetValueRefOrAddDefault(
            _dictionary, _keys[at], out _) = (_destinations[at], Instant.Zero, at);
    }
}
