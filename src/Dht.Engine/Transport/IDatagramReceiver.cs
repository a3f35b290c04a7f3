using Dht.Engine.Addressing;

namespace Dht.Engine.Transport;

/// <summary>Takes the datagrams that a transport has received.</summary>
public interface IDatagramReceiver
{
    /// <summary>Called for each datagram, on the thread that drives the transport.</summary>
    /// <param name="datagram">Borrowed for the duration of the call.</param>
    /// <param name="source">Where it came from; IPv4-mapped addresses are unmapped.</param>
    void OnDatagram(ReadOnlySpan<byte> datagram, in Endpoint source);
}
