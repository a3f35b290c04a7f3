using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;

namespace Dht.Engine.Testing;

/// <content>Addresses for nodes, and the nodes of the engine behind them.</content>
public sealed partial class SimulatedNetwork
{
    private const ushort Port = 6881;

    // One node to a network (an IPv4 /24, an IPv6 /56), because a routing table takes few of one. Multiplied by an
    // odd number the counter visits all networks once, and in no order, since the ids follow from the addresses
    // (BEP 42).
    private const uint NetworksIPv4 = 1 << 21;
    private const uint FirstIPv4 = 0x0B000000;
    private const ulong FirstIPv6 = 0x2A00_0000_0000_0000;

    /// <summary>A node that nothing leads to yet: where an option makes no sense, nothing is left behind.</summary>
    private SimulatedNode CreateNode(SimulatedNodeOptions options)
    {
        options.Validate();
        if (_nodes.Count == NodesMax)
        {
            throw new InvalidOperationException($"A network has at most {NodesMax} nodes.");
        }

        Endpoint endpointIPv4 = EndpointFor(options, IpFamily.IPv4);
        Endpoint endpointIPv6 = EndpointFor(options, IpFamily.IPv6);
        IpFamily reach = (endpointIPv4.Family != IpFamily.None ? IpFamily.IPv4 : 0)
            | (endpointIPv6.Family != IpFamily.None ? IpFamily.IPv6 : 0);
        return new SimulatedNode(
            this, _nodes.Count, options, endpointIPv4, endpointIPv6, CreateOutbox(options, reach));
    }

    private void Place(SimulatedNode node)
    {
        _byEndpoint.TryAdd(node.EndpointOf(IpFamily.IPv4), node.Index);
        _byEndpoint.TryAdd(node.EndpointOf(IpFamily.IPv6), node.Index);
        _nodes.Add(node);
        Touch(node);
    }

    private Endpoint EndpointFor(SimulatedNodeOptions options, IpFamily family)
    {
        Endpoint endpoint = options.Endpoint is { } own && own.Family == family ? own : default;
        bool isChosen = options.Endpoint == null || options.Families == IpFamily.Both;
        bool isWanted = isChosen && (options.Families & family) != 0;
        if (endpoint.Family == IpFamily.None && isWanted)
        {
            do
            {
                endpoint = NextAddress(family);
            }
            while (_byEndpoint.TryGet(endpoint, out _));
        }

        if (endpoint.Family != IpFamily.None
            && Options.AddressPolicy.Check(endpoint) is not AddressVerdict.Allowed and var verdict)
        {
            throw new ArgumentException(
                $"The address policy of the network refuses {endpoint} ({verdict}), so nothing would be sent to it; "
                + "choose another endpoint or policy.",
                nameof(options));
        }

        if (endpoint.Family != IpFamily.None && _byEndpoint.TryGet(endpoint, out _))
        {
            throw new ArgumentException(
                $"There is a node at {endpoint} already; choose another endpoint, or let the network choose.",
                nameof(options));
        }

        return endpoint;
    }

    private Endpoint NextAddress(IpFamily family)
    {
        uint number = (uint)_addresses++;
        if (family == IpFamily.IPv4)
        {
            uint network = (number * 0x9E3779B1u) & (NetworksIPv4 - 1);
            uint host = 1 + (uint)_random.Next(254);
            return Endpoint.FromIPv4(FirstIPv4 + (network << 8) + host, Port);
        }

        return Endpoint.FromIPv6(FirstIPv6 | ((ulong)(number * 0x9E3779B1u) << 8), 1, Port);
    }

    /// <summary>A scripted node has none: what it sends leaves at once.</summary>
    private Outbox? CreateOutbox(SimulatedNodeOptions options, IpFamily reach)
    {
        int capacity = options.OutboxCapacity ?? Options.OutboxCapacity;
        int bytes = Math.Max(8 * 1024, capacity * 256);
        return options.Kind == SimulatedNodeKind.Scripted
            ? null
            : new Outbox(capacity, bytes, Options.AddressPolicy, reach);
    }

    private MainlineNode CreateCore(SimulatedNode node, NodeOptions settings)
    {
        Endpoint endpointIPv6 = node.EndpointOf(IpFamily.IPv6);
        var random = new SeededRandomSource(_random.NextUInt64());
        if (settings.Id == null)
        {
            settings = settings with
            {
                Id = SecureNodeId.Derive(node.Endpoint, random),
                IdIPv6 = endpointIPv6.Family != IpFamily.None ? SecureNodeId.Derive(endpointIPv6, random) : null,
            };
        }

        var core = new MainlineNode(settings, node.Outbox!, random, Now, node.Options.Extensions ?? Extensions);
        foreach (Endpoint endpoint in BootstrapFor(node))
        {
            core.AddBootstrap(endpoint);
        }

        return core;
    }

    /// <summary>Where a node begins: the endpoints that its options name, or live nodes chosen at random.</summary>
    internal IReadOnlyList<Endpoint> BootstrapFor(SimulatedNode node)
    {
        if (node.Options.Bootstrap is { } named)
        {
            return named;
        }

        var chosen = new List<Endpoint>();
        Choose(IpFamily.IPv4);
        Choose(IpFamily.IPv6);
        return chosen;

        void Choose(IpFamily family)
        {
            for (int i = 0; i < Options.BootstrapCount && node.EndpointOf(family).Family != IpFamily.None; i++)
            {
                if (AnyLive(family, node, reachable: true) is { } known)
                {
                    chosen.Add(known.EndpointOf(family));
                }
            }
        }
    }
}
