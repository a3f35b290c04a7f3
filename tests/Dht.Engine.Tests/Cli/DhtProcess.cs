using System.Diagnostics;
using System.Text;

namespace Dht.Engine.Tests.Cli;

/// <summary>
/// The real executable as a child process. Every wait is bounded; disposing ends the process if it still runs.
/// </summary>
public sealed class DhtProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly StringBuilder _errors = new();
    private readonly StringBuilder _lines = new();
    private Task<string>? _output;

    private DhtProcess(Process process, bool readsOutput)
    {
        _process = process;
        _output = readsOutput ? process.StandardOutput.ReadToEndAsync() : null;
    }

    public static async Task<DhtResult> RunAsync(params string[] arguments)
    {
        using DhtProcess process = Start(arguments);
        return await process.EndAsync();
    }

    public static DhtProcess Start(params string[] arguments) => Start(arguments, readsOutput: true);

    /// <summary>Starts it without reading its output, which the test then reads line by line.</summary>
    public static DhtProcess StartUnread(params string[] arguments) => Start(arguments, readsOutput: false);

    /// <summary>
    /// Starts it as a shell does that was told such redirections, as <c>2>FILE</c>; not on Windows.
    /// </summary>
    public static DhtProcess StartRedirected(string redirections, params string[] arguments) =>
        Start(arguments, readsOutput: true, ["sh", "-c", $"exec \"$@\" {redirections}", "sh"]);

    /// <summary>Starts it after a command of the shell such as <c>ulimit</c>; not on Windows.</summary>
    public static DhtProcess StartLimited(string limit, params string[] arguments) =>
        Start(arguments, readsOutput: true, ["sh", "-c", $"{limit}; exec \"$@\"", "sh"]);

    private static DhtProcess Start(string[] arguments, bool readsOutput, string[]? wrapper = null)
    {
        string? self = Environment.ProcessPath;
        string host = Path.GetFileNameWithoutExtension(self) == "dotnet" ? self! : "dotnet";
        string[] command =
            [.. wrapper ?? [], host, "exec", Path.Combine(AppContext.BaseDirectory, "dht.dll"), .. arguments];
        var info = new ProcessStartInfo(command[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (string argument in command[1..])
        {
            info.ArgumentList.Add(argument);
        }

        Process process = Process.Start(info)!;
        process.StandardInput.Close();
        return new DhtProcess(process, readsOutput);
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

    /// <summary>Reads the next line of standard output; null at its end.</summary>
    public async Task<string?> ReadOutputLineAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        string? line = await _process.StandardOutput.ReadLineAsync(limit.Token);
        _lines.Append(line == null ? string.Empty : line + "\n");
        return line;
    }

    /// <summary>Goes away as a reader, as <c>head</c> does.</summary>
    public void CloseOutput()
    {
        _process.StandardOutput.Close();
        _output = Task.FromResult(string.Empty);
    }

    /// <summary>Sends a signal such as INT; not on Windows. False when the process has ended before.</summary>
    public bool TrySignal(string name)
    {
        using Process kill = Process.Start(
            "kill", ["-" + name, _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        Assert.True(kill.WaitForExit(Patience));
        return kill.ExitCode == 0;
    }

    /// <summary>Sends a signal such as INT; not on Windows.</summary>
    public void Signal(string name) => Assert.True(TrySignal(name));

    public int Id => _process.Id;

    /// <summary>Sends a signal twice, so many milliseconds apart; not on Windows.</summary>
    public void SignalTwice(string name, int milliseconds)
    {
        string kill = $"kill -{name} {_process.Id}";
        using Process shell = Process.Start(
            "sh", ["-c", $"{kill}; sleep {milliseconds / 1000.0}; {kill} 2>/dev/null; true"]);
        Assert.True(shell.WaitForExit(Patience));
    }

    /// <summary>Ends it at once, as nothing but the system can.</summary>
    public void Kill()
    {
        _process.Kill();
        Assert.True(_process.WaitForExit(Patience));
    }

    /// <summary>Waits for the end.</summary>
    public async Task<DhtResult> EndAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        _output ??= _process.StandardOutput.ReadToEndAsync();
        _errors.Append(await _process.StandardError.ReadToEndAsync(limit.Token));
        await _process.WaitForExitAsync(limit.Token);
        return new DhtResult(_process.ExitCode, _lines + await _output, _errors.ToString());
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
