using System.Buffers;
using System.IO.Pipelines;
using Dht.Engine.Crawling;
using Dht.Engine.Timing;
using Dht.Engine.Transport;

namespace Dht.Cli.Output;

/// <summary>
/// A file of found nodes. Rows are formatted on the crawl's thread straight into a pipe, which a task of its own
/// copies to the file, so that a slow disk never holds up the crawl's thread.
/// </summary>
/// <remarks>
/// <see cref="Add"/> and <see cref="IsReady"/> belong to the crawl's thread. Once the crawl has ended the owner calls
/// <see cref="FinishAsync"/>.
/// </remarks>
internal sealed class NodeFile : IDisposable
{
    // Rows wait for company, so that the copying task is not woken for each; but not for long, so that a reader can
    // follow.
    private const int FlushSize = 64 * 1024;
    private const int PauseThreshold = 4 * 1024 * 1024;

    private static readonly TimeSpan FlushInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(50);

    private readonly string _path;
    private readonly NodeFormat _format;
    private readonly Stream _stream;
    private readonly Pipe _pipe;
    private readonly Task _copying;
    private Task? _flush;
    private int _unflushed;
    private bool _hasRows;
    private long _wholeRows;
    private bool _hasWritten;
    private Instant _flushedAt;
    private volatile Exception? _fault;

    /// <param name="path">The name of the file, for complaints.</param>
    /// <param name="format">How rows are written.</param>
    /// <param name="stream">
    /// Where they go, from its position on: rows that are before it stay. Owned from now on.
    /// </param>
    public NodeFile(string path, NodeFormat format, Stream stream)
    {
        _path = path;
        _format = format;
        _stream = stream;
        _wholeRows = stream.CanSeek ? stream.Position : 0;
        _hasRows = _wholeRows > 0;
        _pipe = new Pipe(new PipeOptions(
            pauseWriterThreshold: PauseThreshold,
            resumeWriterThreshold: PauseThreshold / 2,
            minimumSegmentSize: FlushSize,
            useSynchronizationContext: false));
        _copying = Task.Run(CopyAsync);
    }

    /// <summary>Whether whoever read it has gone.</summary>
    public bool IsReaderGone => !OperatingSystem.IsWindows() && _fault?.HResult == StandardStream.BrokenPipe;

    /// <summary>Whether a write has failed. Nothing more is written; what was written stays. Thread-safe.</summary>
    public bool HasFailed => _fault != null;

    /// <summary>Whether rows are welcome; false while the disk is slower than the crawl.</summary>
    public bool IsReady
    {
        get
        {
            if (_fault != null || !SettleFlush())
            {
                return false;
            }

            if (_unflushed > 0 && SystemClock.Instance.Now - _flushedAt > FlushInterval)
            {
                Flush();
            }

            return _flush == null;
        }
    }

    /// <summary>The format that a path asks for by its extension; null when there is no such format.</summary>
    public static NodeFormat? FormatFor(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        _ when path == NodeFileOpener.StandardOutputName => new JsonLinesFormat(new WallClock()),
        ".jsonl" => new JsonLinesFormat(new WallClock()),
        ".csv" => new CsvFormat(new WallClock()),
        _ => null,
    };

    /// <summary>Adds a row; it is dropped when a write has failed.</summary>
    public void Add(in CrawledNode node)
    {
        if (_fault != null)
        {
            return;
        }

        PipeWriter writer = _pipe.Writer;
        if (!_hasRows)
        {
            _hasRows = true;
            writer.Write(_format.Header);
        }

        int length = _format.Write(writer.GetSpan(_format.RowSizeMax), node);
        writer.Advance(length);
        _unflushed += length;
        if (_unflushed >= FlushSize && SettleFlush())
        {
            Flush();
        }
    }

    /// <summary>Writes out what is left and closes the file.</summary>
    /// <param name="timeLeft">
    /// How long it may still take, asked again and again: a disk or a reader may have got stuck. Null waits for ever.
    /// </param>
    /// <exception cref="FailureException">It could not all be written.</exception>
    public async Task FinishAsync(Func<TimeSpan>? timeLeft = null)
    {
        await _pipe.Writer.CompleteAsync().ConfigureAwait(false);
        while (!_copying.IsCompleted && timeLeft != null)
        {
            if (timeLeft() <= TimeSpan.Zero)
            {
                throw new FailureException($"cannot write {_path}: the last rows were not taken in time");
            }

            await Task.WhenAny(_copying, Task.Delay(LookInterval)).ConfigureAwait(false);
        }

        await _copying.ConfigureAwait(false);
        if (_fault != null)
        {
            throw CannotWrite(_path, _fault);
        }
    }

    public void Dispose() => _stream.Dispose();

    /// <summary>Says in one line why a file cannot be written.</summary>
    public static FailureException CannotWrite(string path, Exception fault)
    {
        // The framework ends many of its sentences with the path, which is said already.
        string reason = Directory.Exists(path)
            ? "it is a folder"
            : fault.Message.Replace($" : '{Path.GetFullPath(path)}'", string.Empty, StringComparison.Ordinal);
        return new FailureException($"cannot write {path}: {reason}", fault);
    }

    private void Flush()
    {
        _unflushed = 0;
        _flushedAt = SystemClock.Instance.Now;
        ValueTask<FlushResult> flush = _pipe.Writer.FlushAsync();
        _flush = flush.IsCompletedSuccessfully ? null : flush.AsTask();
    }

    /// <summary>
    /// Whether no flush is under way. One that lasts means that the pipe holds more than it should.
    /// </summary>
    private bool SettleFlush()
    {
        if (_flush is { IsCompleted: true })
        {
            _flush = null;
        }

        return _flush == null;
    }

    private async Task CopyAsync()
    {
        PipeReader reader = _pipe.Reader;
        try
        {
            ReadResult result;
            do
            {
                result = await reader.ReadAsync().ConfigureAwait(false);
                foreach (ReadOnlyMemory<byte> segment in result.Buffer)
                {
                    Write(segment.Span);
                }

                reader.AdvanceTo(result.Buffer.End);
            }
            while (!result.IsCompleted);

            // Some file systems say only here that there was no room.
            (_stream as FileStream)?.Flush(flushToDisk: true);
            _stream.Dispose();
        }
        catch (Exception fault)
        {
            _fault = fault;
            CutBrokenRow();
        }

        await reader.CompleteAsync().ConfigureAwait(false);
    }

    private void Write(ReadOnlySpan<byte> rows)
    {
        if (!_stream.CanSeek)
        {
            _stream.Write(rows);
            return;
        }

        long start = _stream.Position;
        if (!_hasWritten)
        {
            _hasWritten = true;
            _stream.SetLength(start);
        }

        try
        {
            _stream.Write(rows);
        }
        catch (IOException)
        {
            // The system has taken a part of them.
            rows = rows[..(int)Math.Clamp(_stream.Length - start, 0, rows.Length)];
            throw;
        }
        finally
        {
            int lastEnd = rows.LastIndexOf((byte)'\n');
            _wholeRows = lastEnd < 0 ? _wholeRows : start + lastEnd + 1;
        }
    }

    /// <summary>On a full disk the last row may be there in part: what is left are whole rows.</summary>
    private void CutBrokenRow()
    {
        try
        {
            if (_stream.CanSeek)
            {
                _stream.SetLength(_wholeRows);
            }
        }
        catch (Exception fault) when (fault is IOException or NotSupportedException or ObjectDisposedException)
        {
            // A device has no length to cut.
        }
    }
}
