using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;

namespace Dht.Engine.Tests.Samples;

/// <summary>An observer that implements what it cares for.</summary>
internal static class ObserverSample
{
    public static Registration Add(NodeObservers observers, TextWriter output)
    {
        // sample: observe
        Registration watching = observers.Add(new Watcher(output));
        // end
        return watching;
    }

    // sample: watcher
    private sealed class Watcher(TextWriter output) : INodeObserver
    {
        public void OnContactFound(in CompactNode contact) =>
            output.WriteLine($"found {contact.Id} at {contact.Endpoint}");

        public void OnAnnounce(in InfoHash infoHash, in Endpoint peer) => output.WriteLine($"{peer} has {infoHash}");

        public void OnTimeout(in Endpoint destination) => output.WriteLine($"{destination} is silent");
    }
    // end
}
