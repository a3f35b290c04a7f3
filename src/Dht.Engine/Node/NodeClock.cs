using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>The instant that the driver handed in last. The node sets it; parts that are called back read it.</summary>
internal sealed class NodeClock
{
    public Instant Now { get; private set; }

    public void Set(Instant now) => Now = now;
}
