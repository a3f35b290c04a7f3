using Dht.Engine.Tests.Support;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Transport;

public sealed class PinnedBufferTests
{
    [Fact]
    public void Blocks_LieBesideEachOther()
    {
        var buffer = new PinnedBuffer(blockSize: 3, blockCount: 4);
        for (int i = 0; i < buffer.BlockCount; i++)
        {
            Assert.Equal(3, buffer.Block(i).Length);
            buffer.Block(i).Fill((byte)(i + 1));
        }

        Assert.Equal([1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4], buffer.Bytes);
        Assert.Equal([3, 3, 3], buffer.BlockMemory(2).ToArray());
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(-1, 1)]
    [InlineData(int.MaxValue, 2)]
    [InlineData(65536, 65536)]
    public void SizesOutOfRange_AreRefused(int blockSize, int blockCount) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PinnedBuffer(blockSize, blockCount));

    [Theory]
    [InlineData(4)]
    [InlineData(-1)]
    public void ABlockThatIsNotThere_IsRefused(int index)
    {
        var buffer = new PinnedBuffer(3, 4);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Block(index).Length);
    }

    [Fact]
    public void Borrowing_AllocatesNothing() =>
        Assert.Equal(0, AllocationGuard.OnThread(new PinnedBuffer(16, 4), static buffer =>
    {
        for (int i = 0; i < 1000; i++)
        {
            buffer.Block(i & 3)[0] = (byte)i;
            _ = buffer.BlockMemory(i & 3).Length;
        }
    }));
}
