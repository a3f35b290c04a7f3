using System.CommandLine;
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
        StandardStream.Secure();
        int code = await RunCommandAsync(args).ConfigureAwait(false);
        if (StandardOutput.Finish() is { } reason)
        {
            StandardError.Complain(reason);
            code = code == ExitCode.Interrupted ? code : ExitCode.Failed;
        }

        StandardError.Finish();
        return code;
    }

    private static async Task<int> RunCommandAsync(string[] args)
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

        ParseResult parsed = CommandLineDoor.Parse(root, args);
        if (parsed.Errors.Count > 0)
        {
            StandardError.Complain(CommandLineDoor.Describe(parsed, "dht"));
            return ExitCode.BadArguments;
        }

        return await InvokeAsync(parsed).ConfigureAwait(false);
    }

    private static async Task<int> InvokeAsync(ParseResult parsed)
    {
        try
        {
            return await CommandLineDoor.InvokeAsync(parsed).ConfigureAwait(false);
        }
        catch (UsageException misuse)
        {
            StandardError.Complain(misuse.Message);
            return ExitCode.BadArguments;
        }
        catch (Exception fault)
        {
            StandardError.Complain(fault.Message);
            if (Environment.GetEnvironmentVariable(DebugVariable) == "1")
            {
                StandardError.WriteLine(fault.ToString());
            }

            return ExitCode.Failed;
        }
    }
}
