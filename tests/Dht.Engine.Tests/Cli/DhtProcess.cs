using System.Diagnostics;
using System.Text;

namespace Dht.Engine.Tests.Cli;

/// <summary>The real executable as a child process. Every wait is bounded; disposing ends the process if it still runs.</summary>
public sealed class DhtProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly StringBuilder _errors = new();

    private DhtProcess(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
    }

    public static async Task<DhtResult> RunAsync(params string[] arguments)
    {
        using DhtProcess process = Start(arguments);
        return await process.EndAsync();
    }

    public static DhtProcess Start(params string[] arguments)
    {
        string? self = Environment.ProcessPath;
        string host = Path.GetFileNameWithoutExtension(self) == "dotnet" ? self! : "dotnet";
        var info = new ProcessStartInfo(host)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        info.ArgumentList.Add("exec");
        info.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "dht.dll"));
        foreach (string argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }

        Process process = Process.Start(info)!;
        process.StandardInput.Close();
        return new DhtProcess(process);
    }

    /// <summary>Reads standard error up to a line that contains a text, and returns that line.</summary>
    public async Task<string> WaitForErrorLineAsync(string text)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (await _process.StandardError.ReadLineAsync(limit.Token) is { } line)
        {
            _errors.Append(line).Append('\n');
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"The process ended before it said '{text}': {_errors}");
    }

    /// <summary>Sends a signal such as INT; not on Windows.</summary>
    public void Signal(string name)
    {
        using Process kill = Process.Start("kill", ["-" + name, _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        Assert.True(kill.WaitForExit(Patience));
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Waits for the end.</summary>
    public async Task<DhtResult> EndAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        _errors.Append(await _process.StandardError.ReadToEndAsync(limit.Token));
        await _process.WaitForExitAsync(limit.Token);
        return new DhtResult(_process.ExitCode, await _output, _errors.ToString());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
