using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Rpc;
using Dht.Engine.Tests.Krpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Hostile;

/// <summary>A crawler that has just asked one node of a family, without a network: the test is that node.</summary>
internal sealed class CrawlBench : ICrawlObserver
{
    private readonly Outbox _outbox = new(256, 256 * Outbox.DatagramSizeMax, AddressPolicy.AllowLocal);

    public CrawlBench(IpFamily family, CrawlOptions? options = null)
    {
        Asked = family == IpFamily.IPv6 ? Endpoint.Parse("[2001:4860::8888]:6881") : Endpoint.Parse("8.8.8.8:6881");
        Now = Instant.Zero + TimeSpan.FromHours(1);
        options ??= new CrawlOptions
        {
            QueriesPerSecond = 0,
            NewDestinationsPerSecond = 0,
            QueriesPerSecondPerAddress = 0,
            ExpectedNodes = 64,
        };
        Crawler = new Crawler(options, this, _outbox, AddressPolicy.AllowLocal, new SeededRandomSource(5), Now);
        Crawler.AddEndpoint(Asked, Now);
        Transaction = Wire.Text(Assert.Single(Turn()).TransactionId);
    }

    public Crawler Crawler { get; }

    public Endpoint Asked { get; }

    public Instant Now { get; private set; }

    /// <summary>That of the first query.</summary>
    public string Transaction { get; }

    public int Found { get; private set; }

    public void OnNode(in CrawledNode node) => Found++;

    public void Receive(string datagram, Endpoint? source = null) =>
        Crawler.Receive(Wire.Bytes(datagram), source ?? Asked, Now);

    /// <summary>Lets time pass, and takes out what is sent.</summary>
    public List<(Endpoint To, byte[] TransactionId, byte[] Datagram)> Turn(TimeSpan later = default)
    {
        Now += later;
        Crawler.Tick(Now);
        var sent = new List<(Endpoint, byte[], byte[])>();
        for (int i = 0; i < _outbox.Count; i++)
        {
            Assert.Equal(KrpcFault.None, KrpcMessage.Parse(_outbox.Datagram(i), out KrpcMessage query));
            sent.Add((_outbox.Destination(i), query.TransactionId.ToArray(), _outbox.Datagram(i).ToArray()));
        }

        _outbox.Clear();
        return sent;
    }
}
