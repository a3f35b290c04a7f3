using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;
using Dht.Engine.Transport;

namespace Dht.Engine.Bench.Load.Generator;

/// <summary>
/// One sender: a socket connected to the server, with an id of its own. The server sees one source: its own loopback
/// address, and the port that the system chooses. Allocates only when created.
/// </summary>
internal abstract class QuerySocket : IDisposable
{
    public const int BatchMax = BatchSocket.BatchMax;

    private readonly QueryTemplate _template;
    private readonly SeededRandomSource _random;

    protected QuerySocket(in Endpoint server, SeededRandomSource random)
    {
        _random = random;
        _template = new QueryTemplate(server.Family, random);
        Queries = new PinnedBuffer(_template.Size, BatchMax);
        for (int i = 0; i < BatchMax; i++)
        {
            _template.Bytes.CopyTo(Queries.Block(i));
        }
    }

    /// <summary>Queries staged for the next <see cref="Flush"/>.</summary>
    public int Staged { get; private set; }

    protected PinnedBuffer Queries { get; }

    public static QuerySocket Open(in Endpoint server, SeededRandomSource random) => BatchSocket.IsSupported
        ? new BatchQuerySocket(server, random)
        : new PlainQuerySocket(server, random);

    /// <summary>
    /// Takes what has arrived, at most one batch, without waiting. It stays readable until the next call.
    /// </summary>
    public abstract int Receive();

    /// <summary>A datagram of the last batch.</summary>
    public abstract ReadOnlySpan<byte> Received(int index);

    /// <summary>Adds a query with a random target. At most <see cref="BatchMax"/> may be staged.</summary>
    public void Stage(uint transaction)
    {
        Span<byte> query = Queries.Block(Staged++);
        _random.Fill(query.Slice(_template.TargetStart, NodeId.Size));
        BitConverter.TryWriteBytes(query[_template.TransactionStart..], transaction);
    }

    /// <summary>Sends what is staged. What the system refuses is never answered, and so counts as lost.</summary>
    public void Flush()
    {
        if (Staged > 0)
        {
            Send(Staged);
            Staged = 0;
        }
    }

    public abstract void Dispose();

    protected abstract void Send(int count);
}
