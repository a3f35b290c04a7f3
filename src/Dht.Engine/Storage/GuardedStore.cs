using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Invariants;
using Dht.Engine.Timing;

namespace Dht.Engine.Storage;

/// <summary>
/// A user's peer store behind a guard: what it throws is reported, and it answers as a store that has nothing and
/// takes nothing. A length that cannot be is a fault too.
/// </summary>
internal sealed class GuardedStore : IPeerStore
{
    private readonly IPeerStore _store;
    private readonly Action<Exception> _report;

    private GuardedStore(IPeerStore store, Action<Exception> report)
    {
        _store = store;
        _report = report;
    }

    public int PeerCount
    {
        get
        {
            try
            {
                return _store.PeerCount;
            }
            catch (Exception fault) when (fault is not InvariantException)
            {
                _report(fault);
                return 0;
            }
        }
    }

    public int InfoHashCount
    {
        get
        {
            try
            {
                return _store.InfoHashCount;
            }
            catch (Exception fault) when (fault is not InvariantException)
            {
                _report(fault);
                return 0;
            }
        }
    }

    /// <summary>Puts a guard before a store, unless it is ours, which does not throw, or has a guard already.</summary>
    /// <param name="store">The store.</param>
    /// <param name="report">Receives what it throws, on the thread that called; must not throw.</param>
    public static IPeerStore Wrap(IPeerStore store, Action<Exception> report) =>
        store is PeerStore or GuardedStore ? store : new GuardedStore(store, report);

    public bool TryAdd(in InfoHash infoHash, in Endpoint peer, Instant now)
    {
        try
        {
            return _store.TryAdd(infoHash, peer, now);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            _report(fault);
            return false;
        }
    }

    public int CopyPeers(in InfoHash infoHash, IpFamily family, Span<byte> destination, Instant now)
    {
        try
        {
            int size = family == IpFamily.IPv6 ? Endpoint.CompactSizeIPv6 : Endpoint.CompactSizeIPv4;
            return Written(_store.CopyPeers(infoHash, family, destination, now), size, destination.Length);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            _report(fault);
            return 0;
        }
    }

    public int CopySamples(Span<byte> destination)
    {
        try
        {
            return Written(_store.CopySamples(destination), InfoHash.Size, destination.Length);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            _report(fault);
            return 0;
        }
    }

    public void Expire(Instant now)
    {
        try
        {
            _store.Expire(now);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            _report(fault);
        }
    }

    private static int Written(int length, int size, int room) => length >= 0 && length <= room && length % size == 0
        ? length
        : throw new InvalidOperationException(
            $"The peer store wrote {length} bytes, in entries of {size}, into a span of {room}.");
}
