using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Rpc;

namespace Dht.Engine.Fuzz.Programs;

/// <summary>Checks all that is sent, and remembers the latest queries so that they can be answered.</summary>
internal sealed class SentQueries
{
    private const int Kept = 256;
    private const int ReplySizeMax = 1024;

    private readonly SentQuery[] _queries = new SentQuery[Kept];
    private long _count;

    /// <summary>How many can be answered.</summary>
    public int Count => (int)Math.Min(_count, Kept);

    /// <summary>Responses and errors sent.</summary>
    public long Replies { get; private set; }

    /// <summary>Queries sent.</summary>
    public long Queries => _count;

    /// <summary>The latest query (0), the one before (1), and so on; modulo <see cref="Count"/>.</summary>
    public SentQuery this[int back] => _queries[(_count - 1 - (back % Count)) % Kept];

    /// <summary>Forgets all.</summary>
    public void Reset()
    {
        _count = 0;
        Replies = 0;
    }

    /// <summary>Takes everything out of the outbox.</summary>
    /// <returns>The sum of the lengths.</returns>
    public int Take(Outbox outbox)
    {
        int bytes = 0;
        for (int i = 0; i < outbox.Count; i++)
        {
            ReadOnlySpan<byte> datagram = outbox.Datagram(i);
            bytes += datagram.Length;
            Endpoint destination = outbox.Destination(i);
            FuzzFailureException.Require(
                AddressPolicy.Public.Check(destination) == AddressVerdict.Allowed,
                "nothing goes where the policy forbids");
            bool sound = KrpcMessage.Parse(datagram, out KrpcMessage message) == KrpcFault.None;
            FuzzFailureException.Require(
                sound && message.TrailingBytes == 0 && message.BodyFault == KrpcBodyFault.None,
                "what is sent is a message");
            if (message.Kind != KrpcKind.Query)
            {
                Replies++;
                FuzzFailureException.Require(datagram.Length <= ReplySizeMax, "no reply has more than 1,024 bytes");
                continue;
            }

            FuzzFailureException.Require(datagram.Length <= KrpcQueries.SizeMax, "no query has more than 768 bytes");
            bool read = TransactionId.TryRead(message.TransactionId, out ulong id);
            FuzzFailureException.Require(read, "a query of ours has an id of eight bytes");
            _queries[_count++ % Kept] = new SentQuery(destination, id, message.Method);
        }

        outbox.Clear();
        return bytes;
    }
}
