using Dht.Engine.Invariants;
using Microsoft.Extensions.Logging;

namespace Dht.Engine;

/// <summary>
/// A user's logger behind a guard: whatever it throws, the loop goes on. Lines that it refuses are lost.
/// </summary>
internal sealed class GuardedLogger : ILogger
{
    private readonly ILogger _inner;

    public GuardedLogger(ILogger inner) => _inner = inner;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        try
        {
            return _inner.BeginScope(state);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            return null;
        }
    }

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return _inner.IsEnabled(logLevel);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            return false;
        }
    }

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        try
        {
            _inner.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            // There is nowhere to report it: this was the log.
        }
    }
}
