using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Testing.Swarm;

namespace Dht.Engine.Tests.Testing;

/// <summary>A swarm without its sockets: what is asked is answered at once.</summary>
internal sealed class SwarmBench
{
    public const ushort Port = 6881;

    public static readonly Endpoint Asker = Endpoint.FromIPv4(0x7F000001, 50_000);

    private readonly byte[] _reply = new byte[SwarmResponder.ReplySizeMax];

    public SwarmBench(int nodes, ulong seed = 1, double dead = 0, double hostile = 0, double loss = 0, int contacts = 8)
    {
        Population = new SwarmPopulation(nodes, seed, dead, hostile);
        Index = new SwarmIndex(Population);
        Addresses = new SwarmAddressBook(nodes, Port);
        Contacts = new SwarmContacts(Population, Index, Addresses, contacts);
        Responder = new SwarmResponder(Population, Index, Addresses, contacts, loss);
    }

    public SwarmPopulation Population { get; }

    public SwarmIndex Index { get; }

    public SwarmAddressBook Addresses { get; }

    public SwarmContacts Contacts { get; }

    public SwarmResponder Responder { get; }

    public ReadOnlySpan<byte> Ask(int node, ReadOnlySpan<byte> datagram) =>
        _reply.AsSpan(0, Responder.Answer(datagram, Asker, node, _reply));

    /// <summary>The contacts of a node for a target, as nodes of the swarm.</summary>
    public int[] ContactsOf(int node, in NodeId target)
    {
        var bytes = new byte[SwarmResponder.ContactsMax * CompactNode.SizeIPv4];
        int size = Contacts.Write(node, target, bytes);
        var nodes = new List<int>();
        foreach (CompactNode contact in new CompactNodes(bytes.AsSpan(0, size), IpFamily.IPv4))
        {
            Assert.True(Addresses.TryGetIndex(contact.Endpoint, out int index));
            Assert.Equal(Population.IdOf(index), contact.Id);
            nodes.Add(index);
        }

        return [.. nodes];
    }
}
