using System.Diagnostics;
using Dht.Engine.Invariants;
using Dht.Engine.Timing;
using Microsoft.Extensions.Logging;

namespace Dht.Engine;

/// <summary>
/// The one place that hears of what user code throws: counts it, logs it, and hands it to the user's handler.
/// The same guards stop what goes wrong in the engine itself, such as memory running out; the log tells them apart.
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
            if (IsOwn(fault))
            {
                log.OwnFault(count, fault);
            }
            else
            {
                log.Fault(count, fault);
            }
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

    /// <summary>
    /// Whether nobody but the engine and the framework was on the stack, from the throw to the guard. What has no
    /// stack was not thrown here.
    /// </summary>
    private static bool IsOwn(Exception fault)
    {
        bool isOwn = false;
        foreach (StackFrame frame in new StackTrace(fault).GetFrames())
        {
            string assembly = DiagnosticMethodInfo.Create(frame)?.DeclaringAssemblyName ?? string.Empty;
            if (assembly == typeof(UserFaults).Assembly.FullName)
            {
                isOwn = true;
            }
            else if (!assembly.StartsWith("System.", StringComparison.Ordinal))
            {
                return false;
            }
        }

        return isOwn;
    }

    private bool IsLogged(long count)
    {
        lock (_gate)
        {
            return _pace.Take(count, _now) > 0;
        }
    }
}
