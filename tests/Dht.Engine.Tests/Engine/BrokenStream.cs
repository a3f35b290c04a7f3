namespace Dht.Engine.Tests.Engine;

/// <summary>
/// A file on a disk that is full: it takes so many bytes and throws at the next, or when it is closed.
/// </summary>
internal sealed class BrokenStream(string path, int room) : Stream
{
    private readonly FileStream _file = new(path, FileMode.CreateNew);
    private bool _isFull;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _file.Length;

    public override long Position
    {
        get => _file.Position;
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _isFull = buffer.Length > room;
        _file.Write(buffer[..Math.Min(room, buffer.Length)]);
        if (_isFull)
        {
            throw new IOException("No space left on device");
        }
    }

    public override void Flush() => _file.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            _file.Dispose();
            if (!_isFull)
            {
                // Some file systems say only here that there was no room.
                throw new IOException("No space left on device");
            }
        }
    }
}
