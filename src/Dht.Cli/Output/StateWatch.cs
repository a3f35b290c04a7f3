using Dht.Cli.Arguments;
using Microsoft.Extensions.Logging;

namespace Dht.Cli.Output;

/// <summary>
/// Listens to the engine's log for what becomes of the state file, which the user must hear of whether a log is wanted or not. Passes
/// everything on to the log that is.
/// </summary>
internal sealed class StateWatch : ILoggerFactory, ILogger
{
    // The numbers stand in docs/metrics.md and stay as they are.
    private const int StateSaved = 21;
    private const int StateDamaged = 22;
    private const int StateNotSaved = 23;

    private readonly LogWriter? _log;
    private volatile bool _isUnsaved;

    /// <param name="output">Says which log is wanted.</param>
    public StateWatch(OutputSettings output) => _log = output.Log == LogLevel.None ? null : new LogWriter(output.Log);

    /// <summary>Whether the last attempt to save failed; the user has been told why.</summary>
    public bool IsUnsaved => _isUnsaved;

    /// <summary>The engine logs nothing for each packet, so that listening to all of it costs nothing.</summary>
    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        switch (eventId.Id)
        {
            case StateSaved:
                _isUnsaved = false;
                break;
            case StateDamaged:
                StandardError.WriteLine($"dht: warning: {formatter(state, exception)}");
                return;
            case StateNotSaved:
                _isUnsaved = true;
                StandardError.WriteLine($"dht: {(exception?.Message ?? formatter(state, exception)).ReplaceLineEndings(" ")}");
                return;
        }

        _log?.Log(logLevel, eventId, state, exception, formatter);
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("Lines go to standard error alone.");

    public void Dispose()
    {
        // Standard error is not ours to close.
    }
}
