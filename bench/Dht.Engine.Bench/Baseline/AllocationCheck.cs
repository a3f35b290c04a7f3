using System.CommandLine;
using Dht.Tools.Arguments;

namespace Dht.Engine.Bench.Baseline;

/// <summary>
/// <c>check-allocations</c>: runs every benchmark for a moment and compares the bytes that an operation allocates
/// with what <c>bench/allowed-bytes.json</c> allows. Times are not looked at, so a busy machine changes nothing.
/// </summary>
internal static class AllocationCheck
{
    private const string FileName = "bench/allowed-bytes.json";

    public static Command Create()
    {
        Option<bool> accept = OptionFactory.Flag("--accept", $"Write what was measured into {FileName}.");
        var command = new Command("check-allocations", $"Compares what each benchmark allocates with {FileName}.");
        command.Options.Add(accept);
        command.SetAction(parsed => Run(parsed.GetValue(accept)));
        return command;
    }

    private static int Run(bool accepts)
    {
        if (FindFile() is not { } path)
        {
            Console.Error.WriteLine(
                $"check-allocations: {FileName} is in no folder above {Environment.CurrentDirectory}");
            return CommandLineDoor.BadArguments;
        }

        BenchScale.IsSmall = true;
        var allowed = AllowedBytes.Load(path);
        var wrong = new List<string>();
        var measured = new AllowedBytes();
        foreach (MeasuredBenchmark benchmark in MeasuredBenchmark.All())
        {
            long? limit = allowed.Of(benchmark.Name);
            long bytes = AllocationMeter.BytesPerOperation(benchmark, accepts ? 0 : limit ?? 0);
            measured.Set(benchmark.Name, bytes);
            if (limit is null)
            {
                wrong.Add($"{benchmark.Name}: allocates {bytes} B and is not in {FileName}");
            }
            else if (bytes > limit)
            {
                wrong.Add($"{benchmark.Name}: allocates {bytes} B, allowed are {limit} B");
            }
        }

        wrong.AddRange(allowed.Names.Where(name => measured.Of(name) is null)
            .Select(name => $"{name}: is in {FileName}, but there is no such benchmark"));
        return accepts ? Accept(path, measured) : Report(wrong, measured);
    }

    private static int Accept(string path, AllowedBytes measured)
    {
        measured.Save(path);
        Console.WriteLine($"{measured.Names.Count()} benchmarks written to {FileName}.");
        return 0;
    }

    private static int Report(List<string> wrong, AllowedBytes measured)
    {
        wrong.ForEach(Console.Error.WriteLine);
        Console.WriteLine(wrong.Count == 0
            ? $"{measured.Names.Count()} benchmarks allocate no more than {FileName} allows."
            : $"{wrong.Count} of {measured.Names.Count()} benchmarks are not as {FileName} says. If they should be, "
                + "run check-allocations --accept.");
        return wrong.Count == 0 ? 0 : 1;
    }

    private static string? FindFile()
    {
        for (DirectoryInfo? folder = new(Environment.CurrentDirectory); folder != null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Dht.Engine.sln")))
            {
                return Path.Combine(folder.FullName, FileName);
            }
        }

        return null;
    }
}
