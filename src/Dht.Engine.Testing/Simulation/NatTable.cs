using System.Runtime.InteropServices;
using Dht.Engine.Timing;

namespace Dht.Engine.Testing.Simulation;

/// <summary>
/// Where a node behind a NAT has sent to lately: only from there something gets in. Bounded; one thread.
/// </summary>
internal sealed class NatTable(TimeSpan lifetime)
{
    private const int FlowsMax = 4096;

    private readonly Dictionary<int, Instant> _sentAt = new(256);

    public void NoteSent(int destination, Instant now)
    {
        ref Instant sentAt = ref CollectionsMarshal.GetValueRefOrAddDefault(_sentAt, destination, out bool isKnown);
        sentAt = now;
        if (!isKnown && _sentAt.Count > FlowsMax)
        {
            Shrink(now);
        }
    }

    public bool LetsIn(int source, Instant now) =>
        _sentAt.TryGetValue(source, out Instant sentAt) && now - sentAt <= lifetime;

    // As a router does whose table is full: expired flows go, and if that is not enough, all of them.
    private void Shrink(Instant now)
    {
        foreach ((int destination, Instant sentAt) in _sentAt)
        {
            if (now - sentAt > lifetime)
            {
                _sentAt.Remove(destination);
            }
        }

        if (_sentAt.Count > FlowsMax)
        {
            _sentAt.Clear();
        }
    }
}
