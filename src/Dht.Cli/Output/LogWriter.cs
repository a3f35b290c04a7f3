using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Dht.Cli.Output;

/// <summary>
/// The engine's log as lines on standard error: time (UTC), level, event id, text, and the exception if there is one.
/// </summary>
internal sealed class LogWriter : ILoggerFactory, ILogger
{
    private readonly LogLevel _least;

    /// <param name="least">What is below is left out.</param>
    public LogWriter(LogLevel least) => _least = least;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= _least && logLevel != LogLevel.None;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
        {
            return;
        }

        string detail = exception == null ? string.Empty : $" {exception}".ReplaceLineEndings(" | ");
        StandardError.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {NameOf(logLevel)} [{eventId.Id}] "
                + $"{formatter(state, exception)}{detail}"));
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) =>
        throw new NotSupportedException("Lines go to standard error alone.");

    public void Dispose()
    {
        // Standard error is not ours to close.
    }

    private static string NameOf(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        _ => "critical",
    };
}
