using Dht.Engine.Routing;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>A walk over all contacts of a table, one at a time.</summary>
internal sealed class ContactRound
{
    // Behind some NATs the address flaps.
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);

    private Instant _notBefore;
    private int _cursor = -1;
    private int _count;

    /// <summary>Begins, unless the last one began a short while ago.</summary>
    public void Begin(Instant now)
    {
        if (now >= _notBefore)
        {
            _notBefore = now + Pause;
            _cursor = 0;
            _count = 0;
        }
    }

    /// <summary>Whether the last one given is the first, or one of every <paramref name="number"/> after it.</summary>
    public bool IsOneOf(int number) => _count % number == 1;

    /// <summary>The next contact; false when no round is under way.</summary>
    public bool TryGetNext(IRoutingTable table, Instant now, out Contact contact)
    {
        contact = default;
        if (_cursor < 0)
        {
            return false;
        }

        if (table.TryGetNext(ref _cursor, now, out contact))
        {
            _count++;
            return true;
        }

        _cursor = -1;
        return false;
    }
}
