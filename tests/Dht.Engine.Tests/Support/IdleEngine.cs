using Dht.Engine.Node;

namespace Dht.Engine.Tests.Support;

/// <summary>An engine that does nothing by itself: no join, no refresh, no ping.</summary>
internal static class IdleEngine
{
    public static DhtEngine Start(DhtEngineOptions options)
    {
        var engine = new DhtEngine(options);
        foreach (NodeTask task in engine.Tasks.All.ToArray())
        {
            task.Remove();
        }

        engine.Start();
        return engine;
    }
}
