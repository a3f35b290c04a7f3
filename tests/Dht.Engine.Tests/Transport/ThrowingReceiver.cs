using Dht.Engine.Addressing;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Transport;

/// <summary>Notes the first byte of each datagram, and throws at one of them.</summary>
internal sealed class ThrowingReceiver(int at) : IDatagramReceiver
{
    public List<byte> Received { get; } = [];

    public void OnDatagram(ReadOnlySpan<byte> datagram, in Endpoint source, in Endpoint local)
    {
        Received.Add(datagram[0]);
        if (Received.Count == at)
        {
            throw new InvalidOperationException("A receiver that throws.");
        }
    }
}
