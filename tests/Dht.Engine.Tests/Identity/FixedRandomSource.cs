using Dht.Engine.Randomness;

namespace Dht.Engine.Tests.Identity;

/// <summary>Hands out the same bytes at each draw, which must be as long as they are.</summary>
internal sealed class FixedRandomSource(byte[] bytes) : IRandomSource
{
    public void Fill(Span<byte> destination)
    {
        Assert.Equal(bytes.Length, destination.Length);
        bytes.CopyTo(destination);
    }
}
