namespace Dht.Engine.Krpc;

/// <summary>Which contacts a query asks for (<c>want</c>, BEP 32) or a reply carries.</summary>
[Flags]
public enum ContactFamilies : byte
{
    /// <summary>Not said: the family that the packet came over.</summary>
    None = 0,

    /// <summary><c>n4</c>: IPv4 contacts, in <c>nodes</c>.</summary>
    IPv4 = 1,

    /// <summary><c>n6</c>: IPv6 contacts, in <c>nodes6</c>.</summary>
    IPv6 = 2,

    /// <summary>Both.</summary>
    Both = IPv4 | IPv6,
}
