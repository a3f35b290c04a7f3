using BenchmarkDotNet.Attributes;
using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Bench;

/// <summary>
/// One step of a crawl without a socket: a response with 8 contacts is settled, and the next query staged, over a
/// network of 262,144 nodes that all answer. Before long most contacts are known, as in any crawl. The baseline looks
/// the contacts of the response up in a dictionary, and does nothing else.
/// </summary>
[MemoryDiagnoser]
public class CrawlerBenchmarks
{
    private const int Nodes = 1 << 18;
    private const int Contacts = 8;
    private const uint FirstAddress = 0x10000000;

    private readonly Outbox _outbox = new(512, 512 * 1024, AddressPolicy.Public);
    private readonly Dictionary<Endpoint, int> _dictionary = new(Nodes);
    private byte[] _wire = [];
    private byte[] _response = [];
    private int _senderAt;
    private int _contactsAt;
    private int _transactionAt;
    private SeededRandomSource _random = null!;
    private Crawler _crawler = null!;
    private Instant _now;
    private int _staged;

    [GlobalSetup]
    public void Setup()
    {
        _random = new SeededRandomSource(1);
        _wire = new byte[(Nodes + Contacts) * CompactNode.SizeIPv4];
        int[] order = Inputs.Shuffled(_random, Nodes);
        for (int i = 0; i < Nodes; i++)
        {
            Endpoint endpoint = EndpointOf(order[i]);
            new CompactNode(IdOf(endpoint), endpoint).Write(_wire.AsSpan(i * CompactNode.SizeIPv4));
            _dictionary.Add(endpoint, i);
        }

        _wire.AsSpan(0, Contacts * CompactNode.SizeIPv4).CopyTo(_wire.AsSpan(Nodes * CompactNode.SizeIPv4));
        _response = Messages.Nodes(_random);
        _senderAt = _response.AsSpan().IndexOf("2:id20:"u8) + "2:id20:"u8.Length;
        _contactsAt = _response.AsSpan().IndexOf("5:nodes208:"u8) + "5:nodes208:"u8.Length;
        _transactionAt = _response.AsSpan().LastIndexOf("1:t8:"u8) + "1:t8:"u8.Length;

        // Asked 64 times each, the nodes last longer than any measurement.
        var options = new CrawlOptions
        {
            QueriesPerSecond = 0,
            NewDestinationsPerSecond = 0,
            QueriesPerSecondPerAddress = 0,
            AsksPerNodeMin = 64,
            AsksPerNodeMax = 64,
            ExpectedNodes = Nodes,
        };
        _crawler = new Crawler(options, new NullCrawlObserver(), _outbox, AddressPolicy.Public, _random, _now);
        for (int i = 0; i < Contacts; i++)
        {
            _crawler.AddEndpoint(EndpointOf(i), _now);
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Inputs.Count)]
    public int Dictionary_FindContacts()
    {
        int known = 0;
        for (int i = 0; i < Inputs.Count; i++)
        {
            foreach (CompactNode contact in new CompactNodes(SomeContacts(), IpFamily.IPv4))
            {
                known += _dictionary.ContainsKey(contact.Endpoint) ? 1 : 0;
            }
        }

        return known;
    }

    [Benchmark(OperationsPerInvoke = Inputs.Count)]
    public long SettleAndAskNext()
    {
        for (int i = 0; i < Inputs.Count; i++)
        {
            if (_staged == _outbox.Count)
            {
                NextBatch();
            }

            Endpoint node = _outbox.Destination(_staged);
            ReadOnlySpan<byte> query = _outbox.Datagram(_staged++);
            query.Slice(query.LastIndexOf("1:t8:"u8) + "1:t8:"u8.Length, 8).CopyTo(_response.AsSpan(_transactionAt));
            IdOf(node).CopyTo(_response.AsSpan(_senderAt));
            SomeContacts().CopyTo(_response.AsSpan(_contactsAt));
            _crawler.Receive(_response, node, _now);
        }

        return _crawler.Counters.Responses;
    }

    private void NextBatch()
    {
        _outbox.Clear();
        _staged = 0;
        _crawler.Tick(_now);
        _now += TimeSpan.FromMilliseconds(50);
        if (_outbox.Count == 0)
        {
            throw new InvalidOperationException("The crawl is at its end.");
        }
    }

    private ReadOnlySpan<byte> SomeContacts() =>
        _wire.AsSpan(_random.Next(Nodes) * CompactNode.SizeIPv4, Contacts * CompactNode.SizeIPv4);

    private static Endpoint EndpointOf(int node) => Endpoint.FromIPv4(FirstAddress + (uint)node, 6881);

    private static Identity.NodeId IdOf(in Endpoint node)
    {
        Span<byte> bytes = stackalloc byte[20];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(bytes, SeededRandomSource.Mix(node.IPv4Bits));
        return new Identity.NodeId(bytes);
    }
}
