using Dht.Engine.Timing;

namespace Dht.Engine;

/// <summary>Something that another thread wants done inside the loop.</summary>
internal interface IEngineCall
{
    /// <summary>Does it; on the loop's thread.</summary>
    void Run(EngineLoop loop, Instant now);

    /// <summary>Called instead of <see cref="Run"/> when the engine stops first.</summary>
    void Abandon();
}
