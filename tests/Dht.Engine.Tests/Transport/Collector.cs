using Dht.Engine.Addressing;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Transport;

/// <summary>Keeps what a transport hands over.</summary>
internal sealed class Collector : IDatagramReceiver
{
    public List<(byte[] Datagram, Endpoint Source)> Received { get; } = [];

    public Action<byte[]>? OnEach { get; set; }

    public void OnDatagram(ReadOnlySpan<byte> datagram, in Endpoint source)
    {
        byte[] copy = datagram.ToArray();
        Received.Add((copy, source));
        OnEach?.Invoke(copy);
    }
}
