using System.CommandLine;

namespace Dht.Cli.Arguments;

/// <summary>How a command reports: every command has these.</summary>
internal sealed class OutputOptions
{
    private readonly Option<bool> _json = OptionFactory.Flag("--json", "One JSON object on standard output at the end, nothing else there.");
    private readonly Option<bool> _quiet = OptionFactory.Flag("--quiet", "No progress.");

    public OutputOptions(Command command)
    {
        command.Options.Add(_json);
        command.Options.Add(_quiet);
    }

    public OutputSettings Read(ParseResult parsed) => new(parsed.GetValue(_json), parsed.GetValue(_quiet));
}
