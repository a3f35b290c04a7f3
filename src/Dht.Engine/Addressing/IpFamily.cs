namespace Dht.Engine.Addressing;

/// <summary>
/// The address families of the DHT (BEP 5 and BEP 32): of one address, or those that a query or a socket means.
/// </summary>
[Flags]
public enum IpFamily : byte
{
    /// <summary>
    /// No address: what <c>default(Endpoint)</c> has. As a choice of families (<c>want</c>, BEP 32): not said, and so
    /// the family that the packet came over.
    /// </summary>
    None = 0,

    /// <summary>IPv4: 6 bytes in compact form, 26 with an id; <c>n4</c> and <c>nodes</c> on the wire.</summary>
    IPv4 = 1,

    /// <summary>IPv6: 18 bytes in compact form, 38 with an id; <c>n6</c> and <c>nodes6</c> on the wire.</summary>
    IPv6 = 2,

    /// <summary>Both; never the family of one address.</summary>
    Both = IPv4 | IPv6,
}
