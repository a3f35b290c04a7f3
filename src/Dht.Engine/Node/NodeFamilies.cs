using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>The two families of a node.</summary>
internal sealed class NodeFamilies
{
    private readonly NodeFamily[] _all;
    private readonly bool _enforcesSecureIds;

    private NodeFamilies(NodeFamily overIPv4, NodeFamily overIPv6, bool enforcesSecureIds)
    {
        IPv4 = overIPv4;
        IPv6 = overIPv6;
        _all = [overIPv4, overIPv6];
        _enforcesSecureIds = enforcesSecureIds;
    }

    /// <summary>Creates both sides of a node.</summary>
    public static NodeFamilies Create(
        NodeOptions options, Outbox outbox, IRandomSource random, NodeFaults faults, Instant now)
    {
        NodeId id = options.Id ?? NodeId.Random(random);
        NodeId id6 = options.IdIPv6 ?? id;
        return new NodeFamilies(
            NodeFamily.Create(IpFamily.IPv4, options, outbox, random, faults, id, now),
            NodeFamily.Create(IpFamily.IPv6, options, outbox, random, faults, id6, now),
            options.EnforceSecureIds);
    }

    public NodeFamily IPv4 { get; }

    public NodeFamily IPv6 { get; }

    public ReadOnlySpan<NodeFamily> All => _all;

    /// <summary>
    /// The family that speaks for the node where one must: that which the socket reaches, IPv4 first.
    /// </summary>
    public NodeFamily Main => IPv4.IsReached ? IPv4 : IPv6;

    public int ContactCount => IPv4.Table.Count + IPv6.Table.Count;

    public NodeFamily Of(IpFamily family) => family == IpFamily.IPv6 ? IPv6 : IPv4;

    public NodeFamily Of(in Endpoint endpoint) => endpoint.IsIPv6 ? IPv6 : IPv4;

    /// <summary>Whether an id fits its address, where we insist on that (BEP 42).</summary>
    public bool IsTrusted(in NodeId id, in Endpoint endpoint) =>
        !_enforcesSecureIds || SecureNodeId.IsValid(id, endpoint);
}
