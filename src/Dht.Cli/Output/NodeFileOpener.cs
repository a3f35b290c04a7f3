using Dht.Engine;

namespace Dht.Cli.Output;

/// <summary>
/// Opens an output file of nodes for one process alone, and finds out what it holds already. Nothing in it is changed
/// but the rest of a row that a killed process has left at its end.
/// </summary>
internal sealed class NodeFileOpener
{
    /// <summary>The name of standard output.</summary>
    public const string StandardOutputName = "-";

    private const int TailMax = 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly NodeFormat _format;
    private readonly ExistingRows _existing;

    private NodeFileOpener(string path, NodeFormat format, ExistingRows existing)
    {
        _path = path;
        _format = format;
        _existing = existing;
    }

    /// <summary>
    /// Opens a file, and makes it if need be. A pipe is opened once somebody reads it; null when the process is told to
    /// end before that.
    /// </summary>
    /// <exception cref="UsageException">It has rows that are not to be replaced, or it is not such a file.</exception>
    /// <exception cref="FailureException">It cannot be written.</exception>
    public static async Task<NodeFile?> OpenAsync(
        string path, NodeFormat format, ExistingRows existing, StopSignal stop)
    {
        if (path == StandardOutputName)
        {
            return new NodeFile("standard output", format, StandardStream.Output);
        }

        var opener = new NodeFileOpener(path, format, existing);
        Task<NodeFile> opening = Task.Run(opener.Open);
        Task told = Task.Delay(Timeout.Infinite, stop.Token);
        if (await Task.WhenAny(opening, told, Task.Delay(Patience)).ConfigureAwait(false) != opening && !stop.IsRaised)
        {
            StandardError.WriteLine($"waiting for somebody to read {path}");
            await Task.WhenAny(opening, told).ConfigureAwait(false);
        }

        return opening.IsCompleted || !stop.IsRaised ? await opening.ConfigureAwait(false) : null;
    }

    private NodeFile Open()
    {
        FileStream? stream = null;
        try
        {
            // Only a file that has rows is read, so that a pipe is opened as one who writes opens it.
            string target = SystemFile.FollowLinks(_path);
            bool isRead = _existing == ExistingRows.Append && new FileInfo(target) is { Exists: true, Length: > 0 };
            stream = new FileStream(
                _path,
                FileMode.OpenOrCreate,
                isRead ? FileAccess.ReadWrite : FileAccess.Write,
                SystemFile.ShareOf(FileShare.Read),
                bufferSize: 0);
            if (stream.CanSeek && !SystemFile.IsDevice(target))
            {
                if (!SystemFile.TryLock(stream))
                {
                    throw InUse();
                }

                if (_existing == ExistingRows.Append && stream.Length > 0 && !isRead)
                {
                    // Another process has written it in this moment.
                    stream.Dispose();
                    return Open();
                }

                CheckRows(stream);
            }

            return new NodeFile(_path, _format, stream);
        }
        catch (Exception fault) when (
            fault is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            stream?.Dispose();
            throw SystemFile.IsBusy(fault) ? InUse(fault) : NodeFile.CannotWrite(_path, fault);
        }
        catch (Exception refusal) when (refusal is UsageException or FailureException)
        {
            stream?.Dispose();
            throw;
        }
    }

    private void CheckRows(FileStream stream)
    {
        if (stream.Length == 0)
        {
            return;
        }

        if (_existing == ExistingRows.Refuse)
        {
            throw new UsageException(
                $"{_path} is there already; --append adds to it, --overwrite replaces it, or name another file");
        }

        if (_existing == ExistingRows.Append)
        {
            FindEnd(stream);
        }
    }

    /// <summary>
    /// Goes to the end of the rows. A last one without a line end is completed if it is whole, and cut off if not: it
    /// is what a killed process or a full disk has left.
    /// </summary>
    private void FindEnd(FileStream stream)
    {
        byte[] start = Read(stream, 0, _format.FileStart.Length);
        if (!_format.FileStart.SequenceEqual(start))
        {
            throw new UsageException($"--append adds rows to a file of nodes, which {_path} is not");
        }

        long tailAt = Math.Max(0, stream.Length - TailMax);
        byte[] tail = Read(stream, tailAt, TailMax);
        int lastEnd = tail.AsSpan().LastIndexOf((byte)'\n') + 1;
        ReadOnlySpan<byte> rest = tail.AsSpan(lastEnd).TrimEnd((byte)'\r');
        stream.Position = tailAt + lastEnd;
        if (rest.Length > 0 && _format.IsWhole(rest))
        {
            stream.Position += rest.Length;
            stream.Write(_format.LineEnd);
        }

        if (lastEnd == 0 && tailAt > 0)
        {
            throw new UsageException($"--append adds rows to a file of nodes, which {_path} is not");
        }

        stream.SetLength(stream.Position);
    }

    private static byte[] Read(FileStream stream, long at, int length)
    {
        byte[] bytes = new byte[length];
        stream.Position = at;
        return bytes[..stream.ReadAtLeast(bytes, length, throwOnEndOfStream: false)];
    }

    private FailureException InUse(Exception? cause = null) =>
        new($"cannot write {_path}: another process writes it", cause);
}
