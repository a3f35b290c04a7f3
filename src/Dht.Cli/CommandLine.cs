using System.CommandLine;
using System.CommandLine.Parsing;
using Dht.Cli.Crawl;
using Dht.Cli.Lookups;
using Dht.Cli.Node;
using Dht.Cli.Output;
using Dht.Cli.Ping;
using Dht.Cli.Swarm;

namespace Dht.Cli;

/// <summary>The door: from arguments to an exit code. Whatever goes wrong leaves one line on standard error.</summary>
internal static class CommandLine
{
    private const string DebugVariable = "DHT_DEBUG";

    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand(
            "Crawls the BitTorrent DHT, runs a node of it, looks up nodes and peers, and simulates swarms on "
                + "loopback.");
        root.Subcommands.Add(CrawlCommand.Create());
        root.Subcommands.Add(NodeCommand.Create());
        root.Subcommands.Add(PingCommand.Create());
        root.Subcommands.Add(FindNodeCommand.Create());
        root.Subcommands.Add(GetPeersCommand.Create());
        root.Subcommands.Add(AnnounceCommand.Create());
        root.Subcommands.Add(SwarmCommand.Create());

        // "@name" is an argument like any other, not a file to read arguments from.
        ParseResult parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            Complain(Describe(parsed));
            return ExitCode.BadArguments;
        }

        return await InvokeAsync(parsed).ConfigureAwait(false);
    }

    private static async Task<int> InvokeAsync(ParseResult parsed)
    {
        try
        {
            // Signals are the commands' own business: they have files to write out first.
            var configuration = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(configuration).ConfigureAwait(false);
        }
        catch (UsageException misuse)
        {
            Complain(misuse.Message);
            return ExitCode.BadArguments;
        }
        catch (Exception fault)
        {
            Complain(fault.Message);
            if (Environment.GetEnvironmentVariable(DebugVariable) == "1")
            {
                StandardError.WriteLine(fault.ToString());
            }

            return ExitCode.Failed;
        }
    }

    private static string Describe(ParseResult parsed)
    {
        if (parsed.UnmatchedTokens.Count > 0)
        {
            string token = parsed.UnmatchedTokens[0];
            string what = token.StartsWith('-')
                ? "option"
                : parsed.CommandResult.Command is RootCommand ? "command"
                : "argument";
            return $"unknown {what} '{token}'; see {NameOf(parsed.CommandResult)} --help";
        }

        return parsed.CommandResult.Command is RootCommand
            ? "a command is missing; see dht --help"
            : parsed.Errors[0].Message;
    }

    private static string NameOf(CommandResult result) =>
        result.Command is RootCommand ? "dht" : $"dht {result.Command.Name}";

    private static void Complain(string message) => StandardError.WriteLine("dht: " + message.ReplaceLineEndings(" "));
}
