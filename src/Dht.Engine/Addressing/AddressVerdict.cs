namespace Dht.Engine.Addressing;

/// <summary>
/// What an <see cref="IAddressPolicy"/> says of an endpoint: allowed, or the reason why nothing is sent there.
/// </summary>
public enum AddressVerdict : byte
{
    /// <summary>Packets may be sent there.</summary>
    Allowed,

    /// <summary>No address at all.</summary>
    NoAddress,

    /// <summary>Port 0.</summary>
    PortZero,

    /// <summary>0.0.0.0/8 or ::.</summary>
    Unspecified,

    /// <summary>127.0.0.0/8 or ::1.</summary>
    Loopback,

    /// <summary>10/8, 172.16/12, 192.168/16, or fc00::/8 and fd00::/8 (unique local).</summary>
    Private,

    /// <summary>100.64.0.0/10: behind a carrier's NAT.</summary>
    CarrierNat,

    /// <summary>169.254/16, fe80::/10, or the old site-local fec0::/10.</summary>
    LinkLocal,

    /// <summary>192.0.2/24, 198.51.100/24, 203.0.113/24, 2001:db8::/32, 3fff::/20.</summary>
    Documentation,

    /// <summary>198.18.0.0/15, 2001:2::/48.</summary>
    Benchmark,

    /// <summary>224.0.0.0/4, ff00::/8.</summary>
    Multicast,

    /// <summary>
    /// What no host has: 240.0.0.0/4 with the broadcast address, 192.0.0.0/24, 192.88.99.0/24, 2001::/23, and all of
    /// IPv6 outside 2000::/3, but for what has a verdict of its own.
    /// </summary>
    Reserved,

    /// <summary>
    /// An IPv4 address inside an IPv6 one: ::ffff:0:0/96, ::/96, 64:ff9b::/96, 64:ff9b:1::/48, 6to4 (2002::/16) and
    /// Teredo (2001::/32).
    /// </summary>
    EmbeddedIPv4,

    /// <summary>
    /// The user's own policy says no, as by a block list, or failed: a fault is reported and counts as a refusal.
    /// </summary>
    Blocked,
}
