using Dht.Engine.Addressing;

namespace Dht.Engine.Testing;

/// <summary>
/// Sees the datagrams of a <see cref="SimulatedNetwork"/>: set <see cref="SimulatedNetwork.Observer"/>. It may change
/// the network as any listener may. What it throws comes out of the method that runs the network.
/// </summary>
public interface ISimulationObserver
{
    /// <summary>A datagram was sent. Whether it arrives, and how often, is not yet decided.</summary>
    /// <param name="source">
    /// The endpoint of the node that sends it; without an address when it has none of that family.
    /// </param>
    /// <param name="destination">Where it goes; there may be no node.</param>
    /// <param name="datagram">Good during the call only.</param>
    void OnSent(in Endpoint source, in Endpoint destination, ReadOnlySpan<byte> datagram)
    {
    }

    /// <summary>A datagram has arrived at a live node, which is handed it next.</summary>
    /// <param name="source">The endpoint that it came from.</param>
    /// <param name="destination">The node.</param>
    /// <param name="datagram">Good during the call only.</param>
    void OnDelivered(in Endpoint source, SimulatedNode destination, ReadOnlySpan<byte> datagram)
    {
    }
}
