using Dht.Engine.Addressing;
using Dht.Engine.Rpc;

namespace Dht.Engine.Fuzz.Programs;

/// <summary>
/// Outboxes that programs use one after another: their bytes are pinned, so a new one for each would cost more than
/// the program.
/// </summary>
internal sealed class Outboxes
{
    private readonly Dictionary<(int Size, IpFamily Reachable), Outbox> _made = [];

    /// <summary>An empty one. Its counts of what was refused go on from program to program.</summary>
    public Outbox Take(int size, IpFamily reachable = IpFamily.Both)
    {
        if (!_made.TryGetValue((size, reachable), out Outbox? outbox))
        {
            outbox = new Outbox(size, size * Outbox.DatagramSizeMax, AddressPolicy.Public, reachable);
            _made.Add((size, reachable), outbox);
        }

        outbox.Clear();
        return outbox;
    }
}
