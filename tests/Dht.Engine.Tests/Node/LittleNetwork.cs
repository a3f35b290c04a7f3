using Dht.Engine.Addressing;
using Dht.Engine.Node;

namespace Dht.Engine.Tests.Node;

/// <summary>A few nodes wired together in memory: what one stages the others receive 10 ms later. Node 0 is everybody's router.</summary>
internal sealed class LittleNetwork
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    public LittleNetwork(int count, ulong seed)
    {
        for (int i = 0; i < count; i++)
        {
            var node = new NodeHarness(new NodeOptions(), (seed * 1000) + (ulong)i);
            Nodes.Add(node);
            if (i > 0)
            {
                node.Node.AddRouter(AddressOf(0));
            }
        }
    }

    public List<NodeHarness> Nodes { get; } = [];

    public void Run(TimeSpan span)
    {
        for (TimeSpan done = TimeSpan.Zero; done < span; done += Step)
        {
            var inFlight = new List<(int From, Endpoint To, byte[] Datagram)>();
            for (int i = 0; i < Nodes.Count; i++)
            {
                Nodes[i].Advance(Step);
                inFlight.AddRange(Nodes[i].Take().Select(entry => (i, entry.To, entry.Datagram)));
            }

            foreach ((int from, Endpoint to, byte[] datagram) in inFlight)
            {
                Nodes[(int)(to.IPv4Bits - 0x0A000001) >> 8].Receive(datagram, AddressOf(from));
            }
        }
    }

    private static Endpoint AddressOf(int index) => Endpoint.FromIPv4(0x0A000001 + ((uint)index << 8), 6881);
}
