using Dht.Engine.Identity;
using Dht.Engine.Krpc;

namespace Dht.Engine.Node;

/// <summary>
/// What a node takes with it from one run to the next: its ids, so that others still know it, and contacts, so that it
/// need not burden the public routers.
/// </summary>
/// <remarks>
/// Immutable as long as the list is not changed afterwards. <see cref="NodeStateCodec"/> turns it into bytes.
/// </remarks>
public sealed record NodeState
{
    /// <summary>The most contacts of one family.</summary>
    internal const int ContactsMax = 256;

    /// <summary>
    /// Our id among IPv4 contacts; null when it is not known. BEP 42 derives ids from addresses, so there is one for
    /// each family.
    /// </summary>
    public NodeId? IdIPv4 { get; init; }

    /// <summary>Our id among IPv6 contacts; null when it is not known.</summary>
    public NodeId? IdIPv6 { get; init; }

    /// <summary>
    /// Contacts of both families, the best first within each family. They were good when the state was saved; nothing
    /// says that they still are, so they are to be asked before they are believed.
    /// </summary>
    public IReadOnlyList<CompactNode> Contacts { get; init; } = [];
}
