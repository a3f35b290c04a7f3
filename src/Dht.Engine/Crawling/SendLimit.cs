using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Crawling;

/// <summary>
/// How many packets a second the system lets out. A firewall with a limit refuses what is beyond it; then we send what
/// got through, and a little more each half second until some is refused again.
/// </summary>
/// <remarks>
/// Some refusals have nothing to do with the rate: a firewall may forbid a part of the addresses. So a decrease is on
/// trial for one round: if as large a share is refused at the lower rate, it is taken back, and that share is put up
/// with. When all is refused, it is no matter of rates at all (<see cref="SendGates"/>).
/// </remarks>
internal sealed class SendLimit
{
    private const double PerSecondMin = 4;
    private const double ShareMin = 0.1;
    private const double ShareOfAll = 0.95;
    private const double ShareHelpless = 0.75;
    private const double Keep = 0.95;
    private const double Growth = 0.025;
    private const int CleanRoundsMax = 8;
    private const int DoublingsMax = 12;
    private const int SentMin = 8;

    // A thread that wakes a little late must not lose its turn.
    private const int BurstMin = 2;

    private static readonly TimeSpan Round = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongRound = TimeSpan.FromSeconds(2);

    private readonly double _perSecondMax;
    private TokenBucket _bucket = new(0, 1);
    private double _perSecond = double.PositiveInfinity;
    private double _perSecondBefore;
    private double _shareBefore;
    private double _tolerated;
    private double _step;
    private Instant _roundBegan;
    private bool _isOnTrial;
    private int _cleanRounds;
    private int _sent;
    private int _refused;

    /// <param name="perSecondMax">Of the options; 0 means no limit.</param>
    public SendLimit(double perSecondMax) => _perSecondMax = perSecondMax > 0 ? perSecondMax : 1e6;

    /// <summary>Packets a second; infinity while nothing is refused.</summary>
    public double PerSecond => _perSecond;

    /// <summary>When a packet may be sent; now, if one may.</summary>
    public Instant NextOpen(Instant now) => _bucket.IsUnlimited ? now : _bucket.NextOpen(now);

    /// <summary>A packet was staged.</summary>
    public void OnSent(Instant now)
    {
        _sent++;
        if (!_bucket.IsUnlimited)
        {
            _bucket.TryTake(now);
        }
    }

    /// <summary>The system did not send a packet.</summary>
    public void OnNotSent() => _refused++;

    /// <summary>Draws conclusions, once there is enough to draw them from.</summary>
    public void Update(Instant now)
    {
        TimeSpan elapsed = now - _roundBegan;
        if (elapsed < Round || (_sent < SentMin && elapsed < LongRound))
        {
            return;
        }

        if (_sent > 0 && elapsed < LongRound + LongRound)
        {
            EndRound(Math.Min(1, (double)_refused / _sent), elapsed.TotalSeconds);
        }

        _roundBegan = now;
        _sent = 0;
        _refused = 0;
    }

    private void EndRound(double share, double seconds)
    {
        bool wasOnTrial = _isOnTrial;
        _isOnTrial = false;
        _cleanRounds = _refused == 0 ? _cleanRounds + 1 : 0;
        if (share <= Math.Max(ShareMin, _tolerated * 1.25))
        {
            _tolerated = share < _tolerated / 2 ? share : _tolerated;
            Grow(seconds);
        }
        else if (share < ShareOfAll && wasOnTrial && share >= _shareBefore * ShareHelpless)
        {
            _tolerated = share;
            Set(_perSecondBefore);
        }
        else if (share < 1)
        {
            _shareBefore = share;
            _perSecondBefore = _perSecond;
            _isOnTrial = true;
            double passed = (_sent - _refused) / seconds;
            Set(Math.Max(PerSecondMin, passed * Keep));
            _step = Math.Max(1, _perSecond * Growth);
        }
    }

    private void Grow(double seconds)
    {
        if (double.IsInfinity(_perSecond))
        {
            return;
        }

        // What is not used says nothing about what would be let out, until it has been so for long.
        int doublings = Math.Clamp(_cleanRounds - CleanRoundsMax, 0, DoublingsMax);
        bool isUsed = _sent >= _perSecond * seconds / 2;
        if (isUsed || doublings > 0)
        {
            double wanted = _perSecond + (_step * (1 << doublings));
            Set(wanted >= _perSecondMax ? double.PositiveInfinity : wanted);
        }
    }

    private void Set(double perSecond)
    {
        _perSecond = perSecond;
        _bucket = new TokenBucket(perSecond, Math.Max(BurstMin, perSecond / CrawlPace.BurstsPerSecond));
    }
}
