using Dht.Engine.Addressing;
using Dht.Engine.Rpc;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Hostile;

/// <summary>A transport that counts the datagrams to one IPv4 address before they go.</summary>
internal sealed class WatchedTransport(IDatagramTransport inner, uint watched) : IDatagramTransport
{
    private int _sent;

    public int Sent => Volatile.Read(ref _sent);

    public Endpoint LocalEndpoint => inner.LocalEndpoint;

    public TransportCounters Counters => inner.Counters;

    public TransportBuffers Buffers => inner.Buffers;

    public int Receive(IDatagramReceiver receiver) => inner.Receive(receiver);

    public void Send(Outbox outbox)
    {
        for (int i = 0; i < outbox.Count; i++)
        {
            if (outbox.Destination(i) is { IsIPv4: true } to && to.IPv4Bits == watched)
            {
                Interlocked.Increment(ref _sent);
            }
        }

        inner.Send(outbox);
    }

    public void Wait(TimeSpan timeout) => inner.Wait(timeout);

    public void Wake() => inner.Wake();

    public void Dispose() => inner.Dispose();
}
