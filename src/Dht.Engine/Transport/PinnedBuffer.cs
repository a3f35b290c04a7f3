namespace Dht.Engine.Transport;

/// <summary>
/// Memory for datagrams: one array on the pinned heap, cut into blocks of one size. System calls may hold its
/// address, and the collector never moves or scans it. Owned by whoever created it; blocks are borrowed as spans.
/// </summary>
internal sealed class PinnedBuffer
{
    private readonly byte[] _bytes;

    /// <summary>Takes the memory.</summary>
    /// <param name="blockSize">Bytes of a block.</param>
    /// <param name="blockCount">How many blocks.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A size is not positive, or the product exceeds an array.
    /// </exception>
    public PinnedBuffer(int blockSize, int blockCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blockSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blockCount);
        long size = (long)blockSize * blockCount;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Array.MaxLength, nameof(blockCount));
        BlockSize = blockSize;
        BlockCount = blockCount;
        _bytes = GC.AllocateUninitializedArray<byte>(blockSize * blockCount, pinned: true);
    }

    /// <summary>Bytes of a block.</summary>
    public int BlockSize { get; }

    /// <summary>How many blocks there are.</summary>
    public int BlockCount { get; }

    /// <summary>The array itself; block i begins at i times <see cref="BlockSize"/>. Pinned.</summary>
    public byte[] Bytes => _bytes;

    /// <summary>The block at an index.</summary>
    public Span<byte> Block(int index) => _bytes.AsSpan(index * BlockSize, BlockSize);

    /// <summary>The block at an index, for interfaces that take memory.</summary>
    public Memory<byte> BlockMemory(int index) => _bytes.AsMemory(index * BlockSize, BlockSize);
}
