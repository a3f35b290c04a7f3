using Dht.Engine.Timing;

namespace Dht.Engine;

/// <summary>
/// How often the log speaks of a thing that strangers can cause as fast as they can send: of the first at once, then in one line for all that
/// came in an interval. One thread.
/// </summary>
internal struct LogPace(TimeSpan interval)
{
    private Instant _toldAt;
    private long _told;

    /// <summary>How many have not been told and are to be told now; 0 when the log is to be silent.</summary>
    /// <param name="total">How many there have been.</param>
    /// <param name="now">The time.</param>
    public long Take(long total, Instant now)
    {
        if (total == _told || (_told > 0 && now - _toldAt < interval))
        {
            return 0;
        }

        long untold = total - _told;
        _told = total;
        _toldAt = now;
        return untold;
    }
}
