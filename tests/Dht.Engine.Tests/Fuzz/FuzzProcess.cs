using System.Diagnostics;
using Dht.Engine.Fuzz;

namespace Dht.Engine.Tests.Fuzz;

/// <summary>The fuzzer as a program of its own.</summary>
internal static class FuzzProcess
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Runs it in a folder of its own, which is deleted afterwards.</summary>
    public static async Task<(int ExitCode, string Output)> Run(params string[] arguments)
    {
        string folder = Directory.CreateTempSubdirectory("dht-fuzz-").FullName;
        try
        {
            string assembly = typeof(IFuzzTarget).Assembly.Location;
            using Process process = Process.Start(new ProcessStartInfo("dotnet", ["exec", assembly, .. arguments])
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            await Task.WhenAll(errors, output).WaitAsync(Patience);
            await process.WaitForExitAsync();
            return (process.ExitCode, await output + await errors);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
