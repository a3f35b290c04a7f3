using System.Buffers.Binary;
using System.Security.Cryptography;
using Dht.Engine.Randomness;

namespace Dht.Engine.Transport;

/// <summary>
/// The cryptographic generator of the system, drawn from in blocks, because a call costs far more than four bytes are
/// worth. Not thread-safe.
/// </summary>
public sealed class SystemRandomSource : IRandomSource
{
    private readonly byte[] _block = new byte[4096];
    private int _used = 4096;

    /// <inheritdoc/>
    public void Fill(Span<byte> destination)
    {
        if (destination.Length > _block.Length)
        {
            RandomNumberGenerator.Fill(destination);
            return;
        }

        Take(destination.Length).CopyTo(destination);
    }

    /// <inheritdoc/>
    public uint NextUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    /// <inheritdoc/>
    public ulong NextUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    private Span<byte> Take(int count)
    {
        if (_block.Length - _used < count)
        {
            RandomNumberGenerator.Fill(_block);
            _used = 0;
        }

        _used += count;
        return _block.AsSpan(_used - count, count);
    }
}
