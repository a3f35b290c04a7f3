using Dht.Engine.Invariants;
using Dht.Engine.Timing;
using Microsoft.Extensions.Logging;

namespace Dht.Engine;

/// <summary>
/// The one place that hears of what user code throws: counts it, logs it, and hands it to the user's handler.
/// Thread-safe.
/// </summary>
/// <param name="handler">The user's; what it throws in its turn only counts.</param>
/// <param name="log">Gets a line at once, and then at most one a second.</param>
internal sealed class UserFaults(Action<Exception>? handler, ILogger log)
{
    // User code may throw at every packet; the log must not grow as fast as strangers can send.
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private LogPace _pace = new(LogInterval);
    private long _count;
    private Instant _now;

    /// <summary>How many there have been.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Says what time it is; only the pace of the log depends on it.</summary>
    public void SetTime(Instant now)
    {
        lock (_gate)
        {
            _now = now;
        }
    }

    /// <summary>Takes an exception that user code threw. Does not throw, whatever the handler does.</summary>
    public void Report(Exception fault)
    {
        long count = Interlocked.Increment(ref _count);
        if (IsLogged(count))
        {
            log.Fault(count, fault);
        }

        try
        {
            handler?.Invoke(fault);
        }
        catch (Exception again) when (again is not InvariantException)
        {
            Interlocked.Increment(ref _count);
        }
    }

    private bool IsLogged(long count)
    {
        lock (_gate)
        {
            return _pace.Take(count, _now) > 0;
        }
    }
}
