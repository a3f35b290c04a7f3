using Dht.Engine.Addressing;

namespace Dht.Engine.Transport;

/// <summary>Takes the datagrams that a transport has received.</summary>
public interface IDatagramReceiver
{
    /// <summary>Called for each datagram, on the thread that drives the transport.</summary>
    /// <param name="datagram">Borrowed for the duration of the call.</param>
    /// <param name="source">Where it came from; IPv4-mapped addresses are unmapped.</param>
    /// <param name="local">
    /// Which address of ours it came to, where that is known and an answer would not leave from there by itself;
    /// otherwise of no family.
    /// </param>
    void OnDatagram(ReadOnlySpan<byte> datagram, in Endpoint source, in Endpoint local);
}
