using System.Reflection;
using Dht.Engine.Fuzz.Corpus;
using Dht.Engine.Fuzz.Coverage;
using Dht.Tools.Arguments;

namespace Dht.Engine.Fuzz.Running;

/// <summary>What the command line asks for, done with the code that is loaded: the plain or the instrumented.</summary>
internal static class FuzzCommand
{
    /// <summary>
    /// Does it in a context of its own, whose types are others: so the command line, which is sound, is read there
    /// once more.
    /// </summary>
    /// <param name="commandLine">The command line.</param>
    /// <param name="copyPath">The instrumented copy that is loaded.</param>
    /// <returns>The exit code: 0, 1 after a failure.</returns>
    public static int RunGuided(string[] commandLine, string copyPath)
    {
        FuzzArguments arguments = new(FuzzTargets.CreateAll());
        return Run(arguments.Read(CommandLineDoor.Parse(arguments.Root, commandLine))!, copyPath);
    }

    /// <summary>Does it.</summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="copyPath">The instrumented copy that is loaded; null when there is none.</param>
    /// <returns>The exit code: 0, 1 after a failure.</returns>
    public static int Run(FuzzOptions options, string? copyPath)
    {
        CoverageMap? coverage = copyPath is null
            ? null
            : CoverageMap.Attach(InstrumentedAssembly(options.Target), CoverageNames.Load(copyPath));
        using InputFeeder feeder = new(options, coverage);
        using HangWatch watch = new(feeder);
        if (options.ReplayPath is { } path)
        {
            return Replay(feeder, options.Target, path);
        }

        GuidedLoop loop = new(options, feeder, coverage);
        if (!options.IsMinimising)
        {
            Console.WriteLine($"{options.Target.Name}: seed {options.Seed}, {options.Extent}; if the process dies: "
                + $"--replay {feeder.LastPath}");
        }

        bool passed = loop.TryLoad()
            && (options.IsMinimising ? Minimise(options, loop, feeder, coverage!) : loop.TryRun());
        if (options.IsReporting && coverage is not null)
        {
            Console.WriteLine(CoverageReport.Make(coverage));
        }

        return passed ? 0 : 1;
    }

    private static Assembly InstrumentedAssembly(IFuzzTarget target) =>
        target.AssemblyName == typeof(FuzzCommand).Assembly.GetName().Name
            ? typeof(FuzzCommand).Assembly
            : typeof(DhtEngine).Assembly;

    private static int Replay(InputFeeder feeder, IFuzzTarget target, string path)
    {
        // Once at each guard.
        byte[] input = GuardedInput.Load(path);
        if (!feeder.TryFeed(input) || !feeder.TryFeed(input))
        {
            return 1;
        }

        Console.WriteLine($"{target.Name}: {path} passes");
        return 0;
    }

    private static bool Minimise(FuzzOptions options, GuidedLoop loop, InputFeeder feeder, CoverageMap coverage)
    {
        CorpusFolder folder = options.CorpusPath is { } path ? new CorpusFolder(path) : CorpusFolder.Of(options.Target);
        CorpusReducer reducer = new(feeder, coverage, options.Target.Shape);
        if (!reducer.TryReduce(
            [.. folder.Load(), .. loop.Corpus.Entries.Select(static e => e.Bytes)], out IReadOnlyList<byte[]> kept))
        {
            return false;
        }

        folder.Replace(kept);
        Console.WriteLine($"{options.Target.Name}: {kept.Count} inputs, {kept.Sum(static input => input.Length)} "
            + $"bytes kept in {folder.FullPath}");
        return true;
    }
}
