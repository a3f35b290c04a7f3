using Dht.Engine.Addressing;

namespace Dht.Engine.Krpc;

/// <summary>Contacts for a reply, in wire form. Borrowed: lives on the stack of the caller that answers.</summary>
public readonly ref struct KrpcContacts
{
    /// <summary>Which of the two lists the reply carries; one that is carried may be empty.</summary>
    public IpFamily Families { get; init; }

    /// <summary>IPv4 contacts, 26 bytes each.</summary>
    public ReadOnlySpan<byte> Nodes { get; init; }

    /// <summary>IPv6 contacts, 38 bytes each.</summary>
    public ReadOnlySpan<byte> Nodes6 { get; init; }
}
