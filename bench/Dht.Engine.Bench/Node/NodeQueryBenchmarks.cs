using BenchmarkDotNet.Attributes;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;

namespace Dht.Engine.Bench;

/// <summary>
/// A query of ours from the asking to the listener of its answer, without a socket: 1,024 contacts of a full table in
/// turn. The other side only puts the transaction id into an answer that is ready.
/// </summary>
[MemoryDiagnoser]
public class NodeQueryBenchmarks
{
    private readonly CountingListener _listener = new();
    private SocketlessNode _subject = null!;
    private CompactNode[] _contacts = [];
    private NodeId[] _targets = [];
    private byte[][] _pongs = [];
    private byte[][] _nodes = [];
    private int[] _pongIdAt = [];
    private int[] _nodesIdAt = [];

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(1);
        _subject = new SocketlessNode(RoutingTableKind.Kademlia, random);
        CompactNode[] inTable = FullTables.Contacts(_subject.Node.Table(IpFamily.IPv4));
        _contacts = Inputs.Repeat(() => inTable[random.Next(inTable.Length)]);
        _targets = Inputs.Ids(random);
        _pongs = Array.ConvertAll(_contacts, contact => Named(Messages.Nodes(random, contacts: 1), contact.Id));
        _nodes = Array.ConvertAll(_contacts, contact => Named(Messages.Nodes(random), contact.Id));
        _pongIdAt = Array.ConvertAll(_pongs, IdAt);
        _nodesIdAt = Array.ConvertAll(_nodes, IdAt);
        if (FindNodeRoundTrip() != Inputs.Count)
        {
            throw new InvalidOperationException("Not every query was answered.");
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Inputs.Count)]
    public long PingRoundTrip()
    {
        long before = _listener.Responses;
        for (int i = 0; i < Inputs.Count; i++)
        {
            _subject.Node.Ping(_contacts[i].Endpoint, _subject.Now, _listener);
            Answer(_pongs[i], _pongIdAt[i], _contacts[i].Endpoint);
        }

        return _listener.Responses - before;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public long FindNodeRoundTrip()
    {
        long before = _listener.Responses;
        for (int i = 0; i < Inputs.Count; i++)
        {
            _subject.Node.FindNode(_contacts[i].Endpoint, _targets[i], IpFamily.None, _subject.Now, _listener);
            Answer(_nodes[i], _nodesIdAt[i], _contacts[i].Endpoint);
        }

        return _listener.Responses - before;
    }

    private void Answer(byte[] answer, int idAt, in Endpoint source)
    {
        ReadOnlySpan<byte> query = _subject.Outbox.Datagram(0);
        query.Slice(IdAt(query), 8).CopyTo(answer.AsSpan(idAt));
        _subject.Outbox.Clear();
        _subject.Node.Receive(answer, source, _subject.Now + TimeSpan.FromMilliseconds(80));
    }

    private static byte[] Named(byte[] response, in NodeId id)
    {
        id.CopyTo(response.AsSpan(response.AsSpan().IndexOf("2:id20:"u8) + "2:id20:"u8.Length));
        return response;
    }

    private static int IdAt(byte[] message) => IdAt(message.AsSpan());

    // From the end, for before it come ids and contacts, which may look like anything.
    private static int IdAt(ReadOnlySpan<byte> message) => message.LastIndexOf("1:t8:"u8) + "1:t8:"u8.Length;
}
