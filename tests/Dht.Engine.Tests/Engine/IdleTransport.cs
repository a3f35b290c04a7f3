using Dht.Engine.Addressing;
using Dht.Engine.Rpc;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Engine;

/// <summary>
/// A transport that nothing arrives over. It waits until it is woken, however long that takes: a loop that goes to
/// sleep on work of its own stays asleep.
/// </summary>
internal sealed class IdleTransport : IDatagramTransport
{
    private readonly AutoResetEvent _woken = new(false);

    public bool ThrowsOnDispose { get; init; }

    public Endpoint LocalEndpoint => Loopback.AnyPort.WithPort(1);

    public TransportCounters Counters { get; set; }

    public TransportBuffers Buffers { get; init; }

    public bool ThrowsOnReceive { get; init; }

    public int Receive(IDatagramReceiver receiver) => ThrowsOnReceive ? throw new IOException("the line is dead") : 0;

    public void Send(Outbox outbox) => outbox.Clear();

    public void Wait(TimeSpan timeout)
    {
        if (timeout > TimeSpan.Zero)
        {
            _woken.WaitOne();
        }
    }

    public void Wake()
    {
        try
        {
            _woken.Set();
        }
        catch (ObjectDisposedException)
        {
            // A late call: nothing waits.
        }
    }

    public void Dispose()
    {
        _woken.Dispose();
        if (ThrowsOnDispose)
        {
            throw new IOException("it will not go");
        }
    }
}
