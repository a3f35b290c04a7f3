using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;

namespace Dht.Engine.Bench.Load.Generator;

/// <summary>
/// A find_node query (BEP 5) of which only the target and the transaction id change. Over IPv6 it asks for IPv4
/// contacts by name (BEP 32), because the swarm has no others.
/// </summary>
/// <remarks>
/// <code>
/// d1:ad2:id20:[ sender's id ]6:target20:[ target ](4:wantl2:n4e)e1:q9:find_node1:t4:[ id ]1:y1:qe
/// </code>
/// </remarks>
internal sealed class QueryTemplate
{
    public const int TransactionSize = sizeof(uint);

    private readonly byte[] _bytes;

    public QueryTemplate(IpFamily family, SeededRandomSource random)
    {
        byte[] sender = new byte[NodeId.Size];
        random.Fill(sender);
        byte[] blank = new byte[NodeId.Size];
        ReadOnlySpan<byte> want = family == IpFamily.IPv6 ? "4:wantl2:n4e"u8 : [];
        _bytes =
        [
            .. "d1:ad2:id20:"u8, .. sender, .. "6:target20:"u8, .. blank, .. want, .. "e1:q9:find_node1:t4:"u8, 0, 0, 0,
            0, .. "1:y1:qe"u8,
        ];
        TargetStart = _bytes.AsSpan().IndexOf("6:target20:"u8) + "6:target20:"u8.Length;
        TransactionStart = _bytes.Length - "1:y1:qe"u8.Length - TransactionSize;
    }

    public int Size => _bytes.Length;

    public int TargetStart { get; }

    public int TransactionStart { get; }

    public ReadOnlySpan<byte> Bytes => _bytes;
}
