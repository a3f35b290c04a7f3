using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Randomness;

namespace Dht.Engine.Testing;

/// <content>Addresses for nodes, and the nodes of the engine behind them.</content>
public sealed partial class SimulatedNetwork
{
    private const ushort Port = 6881;

    // One node to a network (an IPv4 /24, an IPv6 /56), for a routing table takes few of one. Multiplied by an odd number the counter
    // goes through all networks without a repetition, and in no order, since the ids follow from the addresses (BEP 42).
    private const uint NetworksIPv4 = 1 << 21;
    private const uint FirstIPv4 = 0x0B000000;
    private const ulong FirstIPv6 = 0x2A00_0000_0000_0000;

    private Endpoint EndpointFor(SimulatedNodeOptions options, IpFamily family)
    {
        Endpoint endpoint = options.Endpoint is { } own && own.Family == family ? own : default;
        if (endpoint.Family == IpFamily.None && (options.Families & family) != 0 && (options.Endpoint == null || options.Families == IpFamily.Both))
        {
            do
            {
                endpoint = NextAddress(family);
            }
            while (_byEndpoint.TryGet(endpoint, out _));
        }

        if (endpoint.Family != IpFamily.None && Options.AddressPolicy.Check(endpoint) is not AddressVerdict.Allowed and var verdict)
        {
            throw new ArgumentException(
                $"The address policy of the network refuses {endpoint} ({verdict}), so nobody would speak to it; choose another endpoint or policy.", nameof(options));
        }

        if (endpoint.Family != IpFamily.None && _byEndpoint.TryGet(endpoint, out _))
        {
            throw new ArgumentException($"There is a node at {endpoint} already; choose another endpoint, or let the network choose.", nameof(options));
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

    private MainlineNode MakeCore(SimulatedNode node, NodeOptions settings)
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

        var core = new MainlineNode(settings, node.Outbox, random, Now, node.Options.Extensions ?? Extensions);
        foreach (Endpoint endpoint in node.Options.Bootstrap ?? [])
        {
            core.AddBootstrap(endpoint);
        }

        if (node.Options.Bootstrap == null)
        {
            AddBootstrap(core, node, IpFamily.IPv4);
            AddBootstrap(core, node, IpFamily.IPv6);
        }

        return core;
    }

    private void AddBootstrap(MainlineNode core, SimulatedNode node, IpFamily family)
    {
        for (int i = 0; i < Options.BootstrapCount && node.EndpointOf(family).Family != IpFamily.None; i++)
        {
            if (AnyLive(family, node, reachable: true) is { } known)
            {
                core.AddBootstrap(known.EndpointOf(family));
            }
        }
    }
}
