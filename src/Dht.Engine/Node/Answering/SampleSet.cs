using Dht.Engine.Identity;
using Dht.Engine.Invariants;
using Dht.Engine.Storage;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// The infohashes that sample_infohashes hands out: the same to everybody until the interval is over that is announced
/// with them (BEP 51), so that more askers do not learn more. Of both families: a sample says that a torrent is there.
/// </summary>
/// <remarks>Allocates only when created; one thread.</remarks>
internal sealed class SampleSet
{
    /// <summary>The most samples of a set.</summary>
    public const int CountMax = 20;

    private const int IntervalSeconds = 60;

    private readonly IPeerStore _peers;
    private readonly byte[] _samples = new byte[CountMax * InfoHash.Size];
    private readonly byte[] _drawn = new byte[CountMax * InfoHash.Size];
    private int _size;
    private Instant _drawnAt = new(long.MinValue);

    public SampleSet(IPeerStore peers) => _peers = peers;

    /// <summary>The samples, 20 bytes each; good until the next call.</summary>
    /// <param name="now">The current instant.</param>
    /// <param name="stored">How many infohashes are stored.</param>
    /// <param name="interval">Seconds until there are others.</param>
    public ReadOnlySpan<byte> Get(Instant now, out int stored, out int interval)
    {
        stored = _peers.InfoHashCount;
        TimeSpan age = now - _drawnAt;
        if (age < TimeSpan.Zero || age >= TimeSpan.FromSeconds(IntervalSeconds) || _size > stored * InfoHash.Size)
        {
            age = TimeSpan.Zero;
            _drawnAt = now;
            _size = _peers.CopySamples(_samples);
        }
        else if (_size < Math.Min(stored * InfoHash.Size, _samples.Length))
        {
            Grow(_peers.CopySamples(_drawn));
        }

        interval = IntervalSeconds - (int)age.TotalSeconds;
        Invariant.Holds(interval is > 0 and <= IntervalSeconds, "a set of samples is good for its interval");
        return _samples.AsSpan(0, _size);
    }

    /// <summary>
    /// A store that had fewer than a full set has got more: what is handed out stays in the set, and others join it.
    /// </summary>
    private void Grow(int drawn)
    {
        for (int at = 0; at < drawn && _size < _samples.Length; at += InfoHash.Size)
        {
            ReadOnlySpan<byte> infoHash = _drawn.AsSpan(at, InfoHash.Size);
            if (!Contains(infoHash))
            {
                infoHash.CopyTo(_samples.AsSpan(_size));
                _size += InfoHash.Size;
            }
        }
    }

    private bool Contains(ReadOnlySpan<byte> infoHash)
    {
        for (int at = 0; at < _size; at += InfoHash.Size)
        {
            if (_samples.AsSpan(at, InfoHash.Size).SequenceEqual(infoHash))
            {
                return true;
            }
        }

        return false;
    }
}
