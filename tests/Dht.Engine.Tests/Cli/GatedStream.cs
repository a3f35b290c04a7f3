namespace Dht.Engine.Tests.Cli;

/// <summary>A disk that writes nothing until it may, and then perhaps fails.</summary>
internal sealed class GatedStream : Stream
{
    private readonly ManualResetEventSlim _gate = new();

    public MemoryStream Written { get; } = new();

    public Exception? Fault { get; init; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public void Open() => _gate.Set();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _gate.Wait();
        if (Fault != null)
        {
            throw Fault;
        }

        Written.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
