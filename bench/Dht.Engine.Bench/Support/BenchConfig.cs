using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Dht.Engine.Bench;

/// <summary>
/// What every benchmark is run with: allocations are always counted, and unless the command line names a job of its
/// own (<c>--job medium</c>), a short run in this process, which needs no build per benchmark. On a machine that does
/// other things too, the least time is the one to compare.
/// </summary>
internal static class BenchConfig
{
    public static IConfig For(string[] args)
    {
        ManualConfig config = ManualConfig.Create(DefaultConfig.Instance)
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddColumn(StatisticColumn.Min, StatisticColumn.Median)
            .WithOptions(ConfigOptions.DisableLogFile);
        bool namesJob = args.Any(a => a is "--job" or "-j" || a.StartsWith("--job=", StringComparison.Ordinal));
        return namesJob ? config : config.AddJob(Short());
    }

    private static Job Short() => Job.Default
        .WithToolchain(InProcessEmitToolchain.Instance)
        .WithWarmupCount(4)
        .WithIterationCount(12)
        .WithIterationTime(Perfolizer.Horology.TimeInterval.FromMilliseconds(60))
        .WithId("Short");
}
