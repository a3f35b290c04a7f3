using BenchmarkDotNet.Attributes;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Bench;

/// <summary>Messages in and out: a find_node query of about 92 bytes and its response with 8 contacts.</summary>
[MemoryDiagnoser]
public class KrpcBenchmarks
{
    private readonly byte[] _place = new byte[1400];
    private readonly byte[] _contacts = new byte[8 * CompactNode.SizeIPv4];
    private readonly Endpoint _requester = Endpoint.FromIPv4(0x08080808, 6881);
    private byte[] _query = [];
    private byte[] _response = [];
    private NodeId _id;
    private NodeId _target;

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandomSource(1);
        _id = NodeId.Random(random);
        _target = NodeId.Random(random);
        random.Fill(_contacts);
        _query = _place[..WriteQuery()];
        _response = _place[..WriteResponse()];
    }

    [Benchmark]
    public NodeId ParseQuery()
    {
        KrpcMessage.Parse(_query, out KrpcMessage message);
        return message.Target;
    }

    [Benchmark]
    public int ParseResponse()
    {
        KrpcMessage.Parse(_response, out KrpcMessage message);
        return message.Nodes.Count;
    }

    [Benchmark]
    public int ParseResponseAndReadContacts()
    {
        KrpcMessage.Parse(_response, out KrpcMessage message);
        int ports = 0;
        foreach (CompactNode contact in message.Nodes)
        {
            ports += contact.Endpoint.Port;
        }

        return ports;
    }

    [Benchmark]
    public int WriteQuery() => KrpcQueries.WriteFindNode(
        _place, new KrpcEnvelope { Id = _id, TransactionId = "abcd"u8, Version = "DE\0\x01"u8 }, _target);

    [Benchmark]
    public int WriteResponse() => KrpcReplies.WriteNodes(
        _place,
        new KrpcEnvelope { Id = _id, TransactionId = "abcd"u8, Version = "DE\0\x01"u8, Requester = _requester },
        new KrpcContacts { Families = ContactFamilies.IPv4, Nodes = _contacts });
}
