using BenchmarkDotNet.Attributes;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;
using Dht.Engine.Storage;
using Dht.Engine.Timing;

namespace Dht.Engine.Bench;

/// <summary>
/// The store of peers, full of 65,536: announced again, newly announced where the oldest has to make room, refused,
/// and copied for a reply (40 peers). The baseline is a list for each infohash in a dictionary. Few peers of many
/// torrents, or many of few.
/// </summary>
[MemoryDiagnoser]
public class PeerStoreBenchmarks
{
    private const int Peers = 65_536;
    private const int Copied = 40;

    private readonly byte[] _place = new byte[Copied * Endpoint.CompactSizeIPv4];
    private readonly Dictionary<InfoHash, List<Endpoint>> _lists = [];
    private PeerStore _store = null!;
    private InfoHash[] _infoHashes = [];
    private InfoHash[] _strangers = [];
    private Endpoint[] _endpoints = [];
    private int _next;
    private uint _newcomer;

    [Params(16, 500)]
    public int PeersEach { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(1);
        int torrents = Peers / PeersEach;
        _store = new PeerStore(
            new PeerStoreOptions
            {
                InfoHashCapacity = torrents + 1,
                PeerCapacity = torrents * PeersEach,
                PeersPerInfoHash = PeersEach,
            },
            random);
        _infoHashes = Inputs.InfoHashes(random, torrents);
        _strangers = Inputs.InfoHashes(random);
        _endpoints = Inputs.Endpoints(IpFamily.IPv4, random, torrents * PeersEach);
        for (int i = 0; i < _endpoints.Length; i++)
        {
            InfoHash infoHash = _infoHashes[i % torrents];
            _store.TryAdd(infoHash, _endpoints[i], Instant.Zero);
            _lists.TryAdd(infoHash, []);
            _lists[infoHash].Add(_endpoints[i]);
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Inputs.Count)]
    public int Lists_CopyPeers()
    {
        int sum = 0;
        for (int i = 0; i < Inputs.Count; i++)
        {
            int length = 0;
            List<Endpoint> peers = _lists[_infoHashes[NextPlace() % _infoHashes.Length]];
            for (int p = 0; p < peers.Count && length < _place.Length; p++)
            {
                length += peers[p].WriteCompact(_place.AsSpan(length));
            }

            sum += length;
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int CopyPeers()
    {
        int sum = 0;
        for (int i = 0; i < Inputs.Count; i++)
        {
            sum += _store.CopyPeers(_infoHashes[NextPlace() % _infoHashes.Length], IpFamily.IPv4, _place, Instant.Zero);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int CopyPeersOfUnknown()
    {
        int sum = 0;
        foreach (ref readonly InfoHash infoHash in _strangers.AsSpan())
        {
            sum += _store.CopyPeers(infoHash, IpFamily.IPv4, _place, Instant.Zero);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int Renew()
    {
        int added = 0;
        for (int i = 0; i < Inputs.Count; i++)
        {
            int at = NextPlace();
            added += _store.TryAdd(_infoHashes[at % _infoHashes.Length], _endpoints[at], Instant.Zero) ? 1 : 0;
        }

        return added;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int AddInPlaceOfOldest()
    {
        int added = 0;
        for (int i = 0; i < Inputs.Count; i++)
        {
            // An odd factor goes through all addresses before one comes again.
            var peer = Endpoint.FromIPv4(++_newcomer * 0x9E3779B1, 6881);
            added += _store.TryAdd(_infoHashes[NextPlace() % _infoHashes.Length], peer, Instant.Zero) ? 1 : 0;
        }

        return added;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int RefuseWhenFull()
    {
        int added = 0;
        foreach (ref readonly InfoHash infoHash in _strangers.AsSpan())
        {
            added += _store.TryAdd(infoHash, _endpoints[0], Instant.Zero) ? 1 : 0;
        }

        return added;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public int CopySamples()
    {
        int sum = 0;
        for (int i = 0; i < Inputs.Count; i++)
        {
            sum += _store.CopySamples(_place);
        }

        return sum;
    }

    private int NextPlace() => _next = (_next + 7_919) % _endpoints.Length;
}
