using Dht.Engine.Node;
using Dht.Engine.Timing;

namespace Dht.Engine;

/// <summary>
/// Something that another thread wants done inside the loop. It is given the node; whatever more it needs it brings.
/// </summary>
internal interface ILoopCall
{
    /// <summary>Does it; on the loop's thread.</summary>
    void Run(MainlineNode node, Instant now);

    /// <summary>Called instead of <see cref="Run"/> when the engine stops first.</summary>
    void Abandon();
}
