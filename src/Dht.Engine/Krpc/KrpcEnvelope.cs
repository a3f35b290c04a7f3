using Dht.Engine.Addressing;
using Dht.Engine.Identity;

namespace Dht.Engine.Krpc;

/// <summary>
/// What every message that we send carries beside its own arguments. Borrowed: lives on the stack of the sender.
/// </summary>
public readonly ref struct KrpcEnvelope
{
    /// <summary><c>id</c>: who we are.</summary>
    public required NodeId Id { get; init; }

    /// <summary><c>t</c>: ours in a query, the asker's in a reply; 1 to 255 bytes.</summary>
    public required ReadOnlySpan<byte> TransactionId { get; init; }

    /// <summary><c>v</c>: client and version; left out when empty.</summary>
    public ReadOnlySpan<byte> Version { get; init; }

    /// <summary><c>ro</c> = 1 in queries (BEP 43).</summary>
    public bool ReadOnly { get; init; }

    /// <summary><c>ip</c> in replies (BEP 42): where the query came from; left out when there is no address.</summary>
    public Endpoint Requester { get; init; }
}
