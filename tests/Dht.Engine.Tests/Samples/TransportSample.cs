using System.Collections.Concurrent;
using Dht.Engine.Addressing;
using Dht.Engine.Rpc;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Samples;

/// <summary>An engine over a socket that belongs to another part of the program.</summary>
internal static class TransportSample
{
    public static DhtEngine Make(DhtEngineOptions options, SharedPort port, IDatagramReceiver uTp)
    {
        // sample: use a transport
        var engine = new DhtEngine(options with { CreateTransport = () => port, ForeignReceiver = uTp });
        // end
        return engine;
    }

    // sample: transport
    internal sealed class SharedPort(Endpoint local, Action<byte[], Endpoint> send) : IDatagramTransport
    {
        private const int QueueMax = 1_000;

        private readonly ConcurrentQueue<(byte[] Datagram, Endpoint Source)> _arrived = new();
        private readonly SemaphoreSlim _wake = new(0);
        private long _received;
        private long _sent;

        public Endpoint LocalEndpoint => local;

        public TransportCounters Counters =>
            new() { Received = Volatile.Read(ref _received), Sent = Volatile.Read(ref _sent) };

        /// <summary>For the owner of the socket: from any thread.</summary>
        public void Deliver(byte[] datagram, Endpoint source)
        {
            if (_arrived.Count < QueueMax)
            {
                _arrived.Enqueue((datagram, source));
                Wake();
            }
        }

        public int Receive(IDatagramReceiver receiver)
        {
            int count = 0;
            while (count < 64 && _arrived.TryDequeue(out (byte[] Datagram, Endpoint Source) next))
            {
                receiver.OnDatagram(next.Datagram, next.Source, local: default);
                count++;
            }

            Volatile.Write(ref _received, _received + count);
            return count;
        }

        public void Send(Outbox outbox)
        {
            for (int i = 0; i < outbox.Count; i++)
            {
                send(outbox.Datagram(i).ToArray(), outbox.Destination(i));
            }

            Volatile.Write(ref _sent, _sent + outbox.Count);
            outbox.Clear();
        }

        public void Wait(TimeSpan timeout)
        {
            if (_arrived.IsEmpty && timeout > TimeSpan.Zero)
            {
                _wake.Wait(timeout);
            }
        }

        public void Wake()
        {
            // One permit is enough, however many wake it.
            if (_wake.CurrentCount == 0)
            {
                _wake.Release();
            }
        }

        public void Dispose()
        {
            // The socket is its owner's.
        }
    }
    // end
}
