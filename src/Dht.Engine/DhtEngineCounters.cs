using Dht.Engine.Node;
using Dht.Engine.Transport;

namespace Dht.Engine;

/// <summary>
/// What an engine has done since it was started. While it runs, the figures are taken one by one, not at one instant.
/// </summary>
public readonly record struct DhtEngineCounters
{
    /// <summary>The node's part.</summary>
    public NodeCounters Node { get; init; }

    /// <summary>The socket's part.</summary>
    public TransportCounters Transport { get; init; }

    /// <summary>Datagrams that began like KRPC but were malformed.</summary>
    public long Malformed { get; init; }

    /// <summary>Datagrams that were not KRPC at all.</summary>
    public long Foreign { get; init; }

    /// <summary>Exceptions that user code threw inside the loop.</summary>
    public long Faults { get; init; }

    /// <summary>Packets that the address policy forbade to send.</summary>
    public long BogonsRefused { get; init; }

    /// <summary>Contacts in the routing tables.</summary>
    public int Contacts { get; init; }
}
