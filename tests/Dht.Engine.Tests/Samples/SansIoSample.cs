using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Samples;

/// <summary>A node without a socket: datagrams and time go in, datagrams come out.</summary>
internal static class SansIoSample
{
    public static TimeSpan Simulate(ulong seed)
    {
        // sample: virtual time
        var clock = new VirtualClock();
        var random = new SeededRandomSource(seed);
        var outbox = new Outbox(datagramCount: 64, byteCount: 64 * Outbox.DatagramSizeMax, AddressPolicy.Public);
        var node = new MainlineNode(new NodeOptions(), outbox, random, clock.Now);
        node.AddRouter(Endpoint.Parse("8.8.8.8:6881"));
        while (outbox.Count == 0)
        {
            node.Tick(clock.Advance(TimeSpan.FromMilliseconds(1 + random.Next(5))));
        }

        // end
        return clock.Now - Instant.Zero;
    }

    public delegate void Sender(ReadOnlySpan<byte> datagram, in Endpoint destination);

    // sample: shared socket
    internal sealed class SharedSocket(MainlineNode node, Outbox outbox, IClock clock, Sender send)
    {
        /// <summary>For each datagram that arrives; false when it is not the DHT's, but uTP's perhaps.</summary>
        public bool TryReceive(ReadOnlySpan<byte> datagram, in Endpoint source) =>
            node.Receive(datagram, source, clock.Now) != KrpcFault.NotKrpc;

        /// <summary>Once a turn of your loop. Returns how long it may sleep if nothing arrives.</summary>
        public TimeSpan Turn()
        {
            Instant now = clock.Now;
            if (now >= node.NextDeadline)
            {
                node.Tick(now);
            }

            for (int i = 0; i < outbox.Count; i++)
            {
                send(outbox.Datagram(i), outbox.Destination(i));
            }

            outbox.Clear();
            return node.NextDeadline - now;
        }
    }
    // end
}
