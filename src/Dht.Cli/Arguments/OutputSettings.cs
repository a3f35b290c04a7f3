using Dht.Cli.Output;
using Microsoft.Extensions.Logging;

namespace Dht.Cli.Arguments;

/// <summary>How a command reports.</summary>
/// <param name="Json">One JSON object on standard output at the end.</param>
/// <param name="Quiet">No progress on standard error.</param>
/// <param name="Log">The least level of the log lines on standard error.</param>
internal readonly record struct OutputSettings(bool Json, bool Quiet, LogLevel Log)
{
    /// <summary>What the engine logs to; null when nothing is wanted.</summary>
    public ILoggerFactory? LoggerFactory => Log == LogLevel.None ? null : new LogWriter(Log);
}
