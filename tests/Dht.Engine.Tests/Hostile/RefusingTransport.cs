using Dht.Engine.Addressing;
using Dht.Engine.Rpc;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Hostile;

/// <summary>
/// A transport whose system refuses to send on demand, as one without buffers or permission does.
/// </summary>
internal sealed class RefusingTransport(IDatagramTransport inner) : IDatagramTransport
{
    private volatile bool _isRefusing;
    private volatile int _refused;

    public bool IsRefusing
    {
        get => _isRefusing;
        set => _isRefusing = value;
    }

    public int Refused => _refused;

    public Endpoint LocalEndpoint => inner.LocalEndpoint;

    public TransportCounters Counters => inner.Counters with { SendErrors = inner.Counters.SendErrors + _refused };

    public TransportBuffers Buffers => inner.Buffers;

    public int Receive(IDatagramReceiver receiver) => inner.Receive(receiver);

    public void Send(Outbox outbox)
    {
        if (_isRefusing)
        {
            Interlocked.Add(ref _refused, outbox.Count);
            outbox.Clear();
            return;
        }

        inner.Send(outbox);
    }

    public void Wait(TimeSpan timeout) => inner.Wait(timeout);

    public void Wake() => inner.Wake();

    public void Dispose() => inner.Dispose();
}
