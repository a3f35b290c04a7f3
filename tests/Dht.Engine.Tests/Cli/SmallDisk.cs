namespace Dht.Engine.Tests.Cli;

/// <summary>A disk that takes what it has room for, as a system does, and then says that it is full.</summary>
internal sealed class SmallDisk(int room) : MemoryStream
{
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        int taken = (int)Math.Min(buffer.Length, room - Position);
        base.Write(buffer[..taken].ToArray(), 0, taken);
        if (taken < buffer.Length)
        {
            throw new IOException("No space left on device");
        }
    }
}
