using System.CommandLine;
using BenchmarkDotNet.Running;
using Dht.Engine.Bench.Baseline;
using Dht.Engine.Bench.Load;
using Dht.Engine.Bench.Simulation;
using Dht.Tools.Arguments;

namespace Dht.Engine.Bench;

/// <summary>
/// The commands of this program. Arguments that begin with an option, and none at all, are BenchmarkDotNet's: it
/// reads them itself.
/// </summary>
internal static class BenchCommandLine
{
    private const string Description = """
        Measures the engine.

        Without a command it runs the benchmarks of single parts with BenchmarkDotNet, which takes the options:
          --list flat             names them
          --filter '*NodeId*'     runs those that fit
          --list flat --help      shows all of its options

        The exit code of a command is 0, 1 when it failed, 2 for wrong arguments, 130 when it was interrupted.
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand(Description);
        root.Subcommands.Add(LoadCommand.Create());
        root.Subcommands.Add(SimulateCommand.Create());
        root.Subcommands.Add(AllocationCheck.Create());
        if (args.Length > 0 && (!args[0].StartsWith('-') || IsHelp(root, args[0])))
        {
            return await CommandLineDoor.RunAsync(root, "bench", args).ConfigureAwait(false);
        }

        BenchmarkSwitcher.FromAssembly(typeof(BenchConfig).Assembly).Run(args, BenchConfig.For(args));
        return 0;
    }

    private static bool IsHelp(RootCommand root, string argument) =>
        root.Options.OfType<System.CommandLine.Help.HelpOption>()
            .Any(help => help.Name == argument || help.Aliases.Contains(argument));
}
