using Dht.Engine.Timing;

namespace Dht.Engine;

/// <summary>
/// How often the log speaks of a thing that strangers can cause as fast as they can send: of the first at once, then
/// in one line for all that came in an interval. One thread.
/// </summary>
internal struct LogPace(TimeSpan interval)
{
    private Instant _loggedAt;
    private long _logged;

    /// <summary>How many are not in the log yet and are to be logged now; 0 when the log is to be silent.</summary>
    /// <param name="total">How many there have been.</param>
    /// <param name="now">The time.</param>
    public long Take(long total, Instant now)
    {
        if (total == _logged || (_logged > 0 && now - _loggedAt < interval))
        {
            return 0;
        }

        long unlogged = total - _logged;
        _logged = total;
        _loggedAt = now;
        return unlogged;
    }
}
