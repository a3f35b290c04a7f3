using Dht.Engine.Rpc;

namespace Dht.Engine.Node;

/// <summary>How long responses take, and so when a query counts as late.</summary>
internal sealed class ResponseTimes
{
    private const int LearnEvery = 16;
    private const double ShortTimeoutShare = 0.6;

    private static readonly TimeSpan ShortTimeoutMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ShortTimeoutAtFirst = TimeSpan.FromSeconds(1);

    private readonly RttHistogram _roundTrips = new();
    private readonly TimeSpan _timeout;
    private readonly bool _asksAgain;

    /// <param name="timeout">How long a query may stay unanswered: no query is late after that.</param>
    /// <param name="asksAgain">Whether lookups ask the silent again; those that do not must be more patient.</param>
    public ResponseTimes(TimeSpan timeout, bool asksAgain)
    {
        _timeout = timeout;
        _asksAgain = asksAgain;
    }

    /// <summary>
    /// How long most responses take. When one takes longer, a lookup asks another node, or the same once more, but
    /// still listens.
    /// </summary>
    public TimeSpan ShortTimeout { get; private set; } = ShortTimeoutAtFirst;

    public void Add(TimeSpan roundTrip)
    {
        _roundTrips.Add(roundTrip);
        if (_roundTrips.Count % LearnEvery == 0)
        {
            TimeSpan wait = _asksAgain ? _roundTrips.Quantile(ShortTimeoutShare) : _roundTrips.Quantile(0.9) * 1.25;
            ShortTimeout = Bounded(wait);
        }
        else if (_roundTrips.Count < LearnEvery && roundTrip > ShortTimeout)
        {
            // Before there are enough to learn from, a late answer says that the guess was too short: on a slow line
            // all would be late, and so many answers would not come about.
            ShortTimeout = Bounded(2 * ShortTimeout);
        }
    }

    private TimeSpan Bounded(TimeSpan wait) =>
        TimeSpan.FromTicks(Math.Min(Math.Max(wait.Ticks, ShortTimeoutMin.Ticks), _timeout.Ticks));
}
