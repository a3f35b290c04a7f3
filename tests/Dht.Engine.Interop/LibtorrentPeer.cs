using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace Dht.Engine.Interop;

/// <summary>A libtorrent session in a process of its own, driven by lines of text.</summary>
internal sealed class LibtorrentPeer : IDisposable
{
    // Debian's own interpreter: another python3 on the path does not see Debian's modules.
    public const string Interpreter = "/usr/bin/python3";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly BlockingCollection<JsonElement> _events = [];
    private readonly ConcurrentQueue<string> _errors = new();

    private LibtorrentPeer(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => _errors.Enqueue(line.Data ?? string.Empty);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The UDP port of the session.</summary>
    public int Port { get; private set; }

    public static LibtorrentPeer Start()
    {
        string script = Path.Combine(AppContext.BaseDirectory, "libtorrent_peer.py");
        var peer = new LibtorrentPeer(Process.Start(new ProcessStartInfo(Interpreter, ["-W", "ignore", "-u", script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);
        peer.Port = peer.Await("listening", e => e.GetProperty("kind").GetString() == "udp").GetProperty("port")
            .GetInt32();
        return peer;
    }

    public void Say(string command)
    {
        _process.StandardInput.WriteLine(command);
        _process.StandardInput.Flush();
    }

    /// <summary>Waits for an event that fits; others are dropped.</summary>
    public JsonElement Await(string name, Func<JsonElement, bool> fits)
    {
        var waited = Stopwatch.StartNew();
        for (TimeSpan left = Patience; left > TimeSpan.Zero; left = Patience - waited.Elapsed)
        {
            if (_events.TryTake(out JsonElement found, left)
                && found.GetProperty("event").GetString() == name && fits(found))
            {
                return found;
            }
        }

        throw new TimeoutException($"libtorrent did not report '{name}'. Its errors: {string.Join('\n', _errors)}");
    }

    /// <summary>Says a command again and again until an event fits: what libtorrent does in its own time.</summary>
    public JsonElement AskUntil(string command, string name, Func<JsonElement, bool> fits)
    {
        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < Patience)
        {
            Say(command);
            var round = Stopwatch.StartNew();
            while (round.Elapsed < TimeSpan.FromSeconds(2))
            {
                if (_events.TryTake(out JsonElement found, TimeSpan.FromMilliseconds(200))
                    && found.GetProperty("event").GetString() == name && fits(found))
                {
                    return found;
                }
            }
        }

        throw new TimeoutException(
            $"libtorrent never reported a fitting '{name}'. Its errors: {string.Join('\n', _errors)}");
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
        {
            _process.Kill();
        }

        _process.Dispose();
        _events.Dispose();
    }

    private void Take(string? line)
    {
        if (!string.IsNullOrEmpty(line))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            _events.Add(document.RootElement.Clone());
        }
    }
}
