using System.Diagnostics;
using System.Reflection;

namespace Dht.Engine.Bench.Load.Machine;

/// <summary>
/// A process of ours that is told what to do line by line, and answers so. It ends when its standard input closes, so
/// it outlives neither <see cref="DisposeAsync"/> nor this process, however that ends.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly string _name;

    private ChildProcess(string name, int? core, ProcessStartInfo start)
    {
        _name = name;
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.UseShellExecute = false;
        _process = ProcessorCores.StartOn(core, start);
    }

    public int Id => _process.Id;

    /// <summary>Starts this program once more, with arguments of its own.</summary>
    public static ChildProcess StartSelf(string name, int? core, params string[] arguments)
    {
        string host = Environment.ProcessPath!;
        var start = new ProcessStartInfo(host);
        if (Path.GetFileNameWithoutExtension(host) == "dotnet")
        {
            start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        }

        start.ArgumentList.Add(LoadCommand.Name);
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return new ChildProcess(name, core, start);
    }

    /// <summary>Starts another program.</summary>
    public static ChildProcess Start(string name, int? core, string program, params string[] arguments) =>
        new(name, core, new ProcessStartInfo(program, arguments));

    /// <summary>Says a line to it.</summary>
    public async Task TellAsync(string line)
    {
        try
        {
            await _process.StandardInput.WriteLineAsync(line).ConfigureAwait(false);
            await _process.StandardInput.FlushAsync().ConfigureAwait(false);
        }
        catch (IOException)
        {
            throw await EndedAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The next line that it says.</summary>
    /// <exception cref="LoadFailureException">It ended, or said nothing in time.</exception>
    public async Task<string> ListenAsync(TimeSpan timeout, CancellationToken stop)
    {
        try
        {
            string? line = await _process.StandardOutput.ReadLineAsync(stop).AsTask().WaitAsync(timeout, stop)
                .ConfigureAwait(false);
            return line ?? throw await EndedAsync().ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new LoadFailureException($"{_name}: no answer within {timeout.TotalSeconds:F0} s");
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It is gone already, with something unread.
        }

        using var timeout = new CancellationTokenSource(EndTimeout);
        try
        {
            await _process.WaitForExitAsync(timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private async Task<LoadFailureException> EndedAsync()
    {
        using var timeout = new CancellationTokenSource(EndTimeout);
        try
        {
            await _process.WaitForExitAsync(timeout.Token).ConfigureAwait(false);
            return new LoadFailureException($"{_name}: ended by itself, exit code {_process.ExitCode}");
        }
        catch (OperationCanceledException)
        {
            return new LoadFailureException($"{_name}: closed its output");
        }
    }
}
