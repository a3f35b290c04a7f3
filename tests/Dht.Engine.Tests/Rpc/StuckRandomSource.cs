using Dht.Engine.Randomness;

namespace Dht.Engine.Tests.Rpc;

/// <summary>A source that yields the same bits for ever.</summary>
internal sealed class StuckRandomSource : IRandomSource
{
    public void Fill(Span<byte> destination) => destination.Fill(0x5A);
}
