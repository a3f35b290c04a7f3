using System.Diagnostics;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Engine;

/// <summary>This assembly as a program: a measurement alone in its process, without a test host around it.</summary>
internal static class MeasuredProcess
{
    // Where processors are scarce, the framework's queue of socket events grows once in the middle of a round. What
    // belongs to packets is in every round.
    private const int RoundsMax = 3;

    /// <summary>Runs a measurement in a new process and returns the one line that it prints.</summary>
    public static string Run(string measurement, string argument)
    {
        string assembly = typeof(MeasuredProcess).Assembly.Location;
        using Process process = Process.Start(new ProcessStartInfo("dotnet", ["exec", assembly, measurement, argument])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string line = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{measurement} {argument} failed: {errors.Result}");
        return line;
    }

    public static async Task<int> Main(string[] args)
    {
        if (args is not ["answers" or "crawl", _])
        {
            await Console.Error.WriteLineAsync("usage: answers|crawl TRANSPORT");
            return 2;
        }

        // On a machine that is busy the pool adds threads while it runs, and a thread is an object. Two are enough
        // for completions.
        ThreadPool.SetMinThreads(2, 2);
        ThreadPool.SetMaxThreads(2, 2);
        TransportKind kind = Enum.Parse<TransportKind>(args[1]);
        (long packets, long allocated) = (0, long.MaxValue);
        for (int round = 0; round < RoundsMax && allocated >= packets / 100; round++)
        {
            (packets, allocated) = args[0] == "answers"
                ? await AnswerMeasurement.Run(kind)
                : await CrawlMeasurement.Run(kind);
        }

        await Console.Out.WriteLineAsync($"{packets} {allocated}");
        return 0;
    }
}
