using System.CommandLine;
using Microsoft.Extensions.Logging;

namespace Dht.Cli.Arguments;

/// <summary>How a command reports: every command has these, and some a log.</summary>
internal sealed class OutputOptions
{
    private readonly Option<bool> _json = OptionFactory.Flag(
        "--json", "One JSON object on standard output at the end, nothing else there.");
    private readonly Option<bool> _quiet = OptionFactory.Flag("--quiet", "No progress.");

    private readonly Option<LogLevel>? _log;

    /// <param name="command">Gets the options.</param>
    /// <param name="logs">Whether the command runs an engine long enough to have a log.</param>
    public OutputOptions(Command command, bool logs = false)
    {
        command.Options.Add(_json);
        command.Options.Add(_quiet);
        if (logs)
        {
            _log = EngineOptions.Log();
            command.Options.Add(_log);
        }
    }

    public OutputSettings Read(ParseResult parsed) =>
        new(parsed.GetValue(_json), parsed.GetValue(_quiet), _log == null ? LogLevel.None : parsed.GetValue(_log));
}
