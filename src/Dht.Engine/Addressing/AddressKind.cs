namespace Dht.Engine.Addressing;

/// <summary>The two address families of the DHT (BEP 5 and BEP 32).</summary>
public enum AddressKind : byte
{
    /// <summary>No address; what <c>default(Endpoint)</c> has.</summary>
    None,

    /// <summary>IPv4: 6 bytes in compact form, 26 with an id.</summary>
    IPv4,

    /// <summary>IPv6: 18 bytes in compact form, 38 with an id.</summary>
    IPv6,
}
