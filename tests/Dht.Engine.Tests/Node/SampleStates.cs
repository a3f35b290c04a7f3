using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;

namespace Dht.Engine.Tests.Node;

/// <summary>States to save and to load again.</summary>
internal static class SampleStates
{
    /// <summary>Both ids, and contacts of both families, mixed.</summary>
    public static NodeState Random(ulong seed, int countIPv4, int countIPv6)
    {
        var random = new SeededRandomSource(seed);
        var contacts = new List<CompactNode>();
        for (int four = 0, six = 0; four + six < countIPv4 + countIPv6;)
        {
            bool isIPv4 = six == countIPv6 || (four < countIPv4 && (random.NextUInt32() & 1) == 0);
            ushort port = (ushort)random.NextUInt32();
            Endpoint endpoint = isIPv4
                ? Endpoint.FromIPv4(random.NextUInt32(), port)
                : Endpoint.FromIPv6(random.NextUInt64(), random.NextUInt64(), port);
            contacts.Add(new CompactNode(NodeId.Random(random), endpoint));
            four += isIPv4 ? 1 : 0;
            six += isIPv4 ? 0 : 1;
        }

        return new NodeState { IdIPv4 = NodeId.Random(random), IdIPv6 = NodeId.Random(random), Contacts = contacts };
    }

    /// <summary>Both hold the same; of contacts only the order within each family counts.</summary>
    public static void AssertSame(NodeState expected, NodeState? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.IdIPv4, actual.IdIPv4);
        Assert.Equal(expected.IdIPv6, actual.IdIPv6);
        Assert.Equal(OfKind(expected, IpFamily.IPv4), OfKind(actual, IpFamily.IPv4));
        Assert.Equal(OfKind(expected, IpFamily.IPv6), OfKind(actual, IpFamily.IPv6));
    }

    private static IEnumerable<CompactNode> OfKind(NodeState state, IpFamily family) =>
        state.Contacts.Where(contact => contact.Endpoint.Family == family);
}
