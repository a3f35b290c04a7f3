using Dht.Engine.Addressing;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Transport;

/// <summary>Keeps what a transport hands over.</summary>
internal sealed class Collector : IDatagramReceiver
{
    public List<(byte[] Datagram, Endpoint Source)> Received { get; } = [];

    /// <summary>Which address of ours each came to, where that is known.</summary>
    public List<Endpoint> Locals { get; } = [];

    public Action<byte[]>? OnEach { get; set; }

    public void OnDatagram(ReadOnlySpan<byte> datagram, in Endpoint source, in Endpoint local)
    {
        byte[] copy = datagram.ToArray();
        Received.Add((copy, source));
        Locals.Add(local);
        OnEach?.Invoke(copy);
    }
}
