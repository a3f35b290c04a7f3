using System.Diagnostics;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Roof;

/// <summary>This assembly as a program: a measurement alone in its process, without a test host around it.</summary>
internal static class MeasuredProcess
{
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
        if (args is not ["answers", _])
        {
            await Console.Error.WriteLineAsync("usage: answers TRANSPORT");
            return 2;
        }

        // On a machine that is busy the pool adds threads while it runs, and a thread is an object. Two are enough for completions.
        ThreadPool.SetMinThreads(2, 2);
        ThreadPool.SetMaxThreads(2, 2);
        (long answered, long allocated) = await AnswerMeasurement.Run(Enum.Parse<TransportKind>(args[1]));
        await Console.Out.WriteLineAsync($"{answered} {allocated}");
        return 0;
    }
}
