using Dht.Engine.Rpc;

namespace Dht.Engine.Crawling;

/// <summary>
/// How many queries may be in flight. It grows by a quarter per round while answers keep up, and shrinks by a third
/// when they do not, so that haste never costs recall.
/// </summary>
/// <remarks>
/// Silence says little in a network where a third of the contacts are dead. So the window listens to two clean
/// signals: nodes that have answered before and now do not (then packets are lost on the way), and the median round
/// trip rising above what is usual (then a queue has formed somewhere, here, there or in between). A round lasts as
/// many queries as the window is wide, and until there are enough samples to judge by.
///
/// What is usual falls quickly and rises slowly: round trips of the world differ by a factor of ten, so the median of
/// a few lies far off by chance, and the first nodes asked may all be near. The best median ever seen would take
/// every later round for a queue.
/// </remarks>
internal sealed class CrawlWindow
{
    private const double SizeMin = 32;
    private const double Growth = 1.25;
    private const double Shrinkage = 0.67;
    private const double ProvenLossMax = 0.2;
    private const int ProvenMin = 16;
    private const int SamplesMin = 16;
    private const double UsualFalls = 0.5;
    private const double UsualRises = 1.0 / 16;

    private static readonly TimeSpan QueueingAllowed = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan ShortTimeoutMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ShortTimeoutMax = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan LongTimeoutMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongTimeoutMax = TimeSpan.FromSeconds(4);

    private readonly RttHistogram _all = new();
    private readonly RttHistogram _round = new();
    private readonly double _max;
    private double _size = SizeMin;
    private TimeSpan _usualMedian;
    private int _sent;
    private int _provenAnswered;
    private int _provenLost;

    public CrawlWindow(int max)
    {
        _max = max;
        _size = Math.Min(SizeMin, max);
        ShortTimeout = ShortTimeoutMax;
        LongTimeout = LongTimeoutMax;
    }

    public int Size => (int)_size;

    /// <summary>After this, a query gives up its place in the window.</summary>
    public TimeSpan ShortTimeout { get; private set; }

    /// <summary>After this, a query counts as unanswered.</summary>
    public TimeSpan LongTimeout { get; private set; }

    public void OnSent()
    {
        if (++_sent >= _size)
        {
            EndRound();
        }
    }

    /// <param name="roundTrip">From sending to receiving.</param>
    /// <param name="proven">Whether the node had answered before.</param>
    public void OnAnswer(TimeSpan roundTrip, bool proven)
    {
        _all.Add(roundTrip);
        _round.Add(roundTrip);
        _provenAnswered += proven ? 1 : 0;
    }

    /// <param name="proven">Whether the node had answered before.</param>
    public void OnShortTimeout(bool proven) => _provenLost += proven ? 1 : 0;

    private void EndRound()
    {
        _sent = 0;
        if (_all.Count >= 32)
        {
            TimeSpan slowest = _all.Quantile(0.99) + QueueingAllowed;
            ShortTimeout = Clamp(slowest * 1.5, ShortTimeoutMin, ShortTimeoutMax);
            LongTimeout = Clamp(ShortTimeout * 4, LongTimeoutMin, LongTimeoutMax);
        }

        int proven = _provenAnswered + _provenLost;
        if (_round.Count < SamplesMin && proven < ProvenMin)
        {
            return;
        }

        bool queueing = _round.Count >= SamplesMin && IsQueueing(_round.Quantile(0.5));
        bool losing = proven >= ProvenMin && _provenLost > proven * ProvenLossMax;
        _size = queueing || losing
            ? Math.Max(Math.Min(SizeMin, _max), _size * Shrinkage)
            : Math.Min(_max, _size * Growth);
        _round.Clear();
        _provenAnswered = 0;
        _provenLost = 0;
    }

    private bool IsQueueing(TimeSpan median)
    {
        bool isFirst = _usualMedian == TimeSpan.Zero;
        bool queueing = !isFirst && median > (_usualMedian * 1.5) + QueueingAllowed;
        double share = median < _usualMedian ? UsualFalls : UsualRises;
        _usualMedian = isFirst ? median : _usualMedian + ((median - _usualMedian) * share);
        return queueing;
    }

    private static TimeSpan Clamp(TimeSpan value, TimeSpan min, TimeSpan max) =>
        value < min ? min : value > max ? max : value;
}
