using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;

namespace Dht.Engine.Bench;

/// <summary>Random inputs, enough different ones that the processor learns no branch by heart.</summary>
internal static class Inputs
{
    /// <summary>How many inputs a benchmark goes through in turn, unless it says otherwise. A power of two.</summary>
    public const int Count = 1024;

    public static NodeId[] Ids(IRandomSource random, int count = Count)
    {
        var ids = new NodeId[count];
        foreach (ref NodeId id in ids.AsSpan())
        {
            id = NodeId.Random(random);
        }

        return ids;
    }

    public static InfoHash[] InfoHashes(IRandomSource random, int count = Count) =>
        Array.ConvertAll(Ids(random, count), id => InfoHash.FromNodeId(id));

    /// <summary>Public endpoints, no two of one site.</summary>
    public static Endpoint[] Endpoints(IpFamily family, IRandomSource random, int count = Count)
    {
        var endpoints = new Endpoint[count];
        var met = new HashSet<Endpoint>(count);
        for (int i = 0; i < count;)
        {
            Endpoint endpoint = AnyEndpoint(family, random);
            if (AddressPolicy.Classify(endpoint) == AddressVerdict.Allowed && met.Add(endpoint.WithPort(0)))
            {
                endpoints[i++] = endpoint;
            }
        }

        return endpoints;
    }

    /// <summary>Contacts at public endpoints, no two of one site.</summary>
    public static CompactNode[] Contacts(IpFamily family, IRandomSource random, int count = Count) =>
        Array.ConvertAll(
            Endpoints(family, random, count), endpoint => new CompactNode(NodeId.Random(random), endpoint));

    /// <summary>Contacts in wire form, one after another.</summary>
    public static byte[] Wire(ReadOnlySpan<CompactNode> contacts)
    {
        byte[] wire = new byte[contacts.Length * CompactNode.SizeOf(contacts[0].Endpoint.Family)];
        int length = 0;
        foreach (CompactNode contact in contacts)
        {
            length += contact.Write(wire.AsSpan(length));
        }

        return wire;
    }

    public static T[] Repeat<T>(Func<T> make, int count = Count)
    {
        var made = new T[count];
        for (int i = 0; i < count; i++)
        {
            made[i] = make();
        }

        return made;
    }

    /// <summary>The numbers from 0 to <paramref name="count"/> - 1 in random order.</summary>
    public static int[] Shuffled(SeededRandomSource random, int count)
    {
        int[] numbers = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--)
        {
            int other = random.Next(i + 1);
            (numbers[i], numbers[other]) = (numbers[other], numbers[i]);
        }

        return numbers;
    }

    private static Endpoint AnyEndpoint(IpFamily family, IRandomSource random)
    {
        ushort port = (ushort)(1024 + (random.NextUInt32() % 60_000));
        return family == IpFamily.IPv4
            ? Endpoint.FromIPv4(random.NextUInt32(), port)
            : Endpoint.FromIPv6(0x2A00_0000_0000_0000 | (random.NextUInt64() >> 8), random.NextUInt64(), port);
    }
}
