using System.Diagnostics;

namespace Dht.Engine.Tests.Cli;

/// <summary>A pipe with a name that holds all it can, and that nobody reads; not on Windows.</summary>
internal sealed class FullPipe : IDisposable
{
    private readonly FileStream _stream;

    public FullPipe(string path)
    {
        Path = path;
        Make(path);

        // Open both ways, so that opening it waits for nobody, and nobody who writes is told that the reader has gone.
        _stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        using Process fill = Process.Start(
            "sh", ["-c", $"dd if=/dev/zero of='{path}' bs=4096 oflag=nonblock 2>/dev/null; true"]);
        Assert.True(fill.WaitForExit(TimeSpan.FromMinutes(1)));
    }

    public string Path { get; }

    public static void Make(string path)
    {
        using Process make = Process.Start("mkfifo", [path]);
        make.WaitForExit();
        Assert.Equal(0, make.ExitCode);
    }

    public void Dispose() => _stream.Dispose();
}
