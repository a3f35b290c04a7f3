using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Dht.Engine.Tests.Engine;

/// <summary>Keeps what is logged. It can be made to throw instead.</summary>
internal sealed class RecordingLogs : ILoggerFactory, ILogger
{
    public ConcurrentQueue<(LogLevel Level, EventId Event, string Text, Exception? Fault)> Lines { get; } = new();

    public LogLevel Least { get; init; } = LogLevel.Trace;

    public bool Throws { get; init; }

    public string? Category { get; private set; }

    public IEnumerable<string> Texts => Lines.Select(line => line.Text);

    public bool IsEnabled(LogLevel logLevel) =>
        Throws ? throw new InvalidOperationException("no log today") : logLevel >= Least;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState,
        Exception?,
        string> formatter)
    {
        if (Throws)
        {
            throw new InvalidOperationException("no log today");
        }

        Lines.Enqueue((logLevel, eventId, formatter(state, exception), exception));
    }

    public ILogger CreateLogger(string categoryName)
    {
        Category = categoryName;
        return this;
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
        // Nothing is held.
    }
}
