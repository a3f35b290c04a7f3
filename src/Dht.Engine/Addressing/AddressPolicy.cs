namespace Dht.Engine.Addressing;

/// <summary>The built-in policies: public addresses only, or local ones too. Immutable and thread-safe.</summary>
public sealed class AddressPolicy : IAddressPolicy
{
    private readonly bool _local;

    private AddressPolicy(bool local) => _local = local;

    /// <summary>Only addresses that a host on the Internet can have.</summary>
    public static AddressPolicy Public { get; } = new(local: false);

    /// <summary>
    /// Loopback, private, carrier-NAT, link-local, documentation and benchmark addresses as well: for laboratories
    /// and tests. What no host can have (port 0, multicast, reserved blocks) is refused all the same.
    /// </summary>
    public static AddressPolicy AllowLocal { get; } = new(local: true);

    /// <inheritdoc/>
    public AddressVerdict Check(in Endpoint endpoint)
    {
        AddressVerdict verdict = Classify(endpoint);
        bool isLocal = verdict is AddressVerdict.Loopback or AddressVerdict.Private or AddressVerdict.CarrierNat
            or AddressVerdict.LinkLocal or AddressVerdict.Documentation or AddressVerdict.Benchmark;
        return isLocal && _local ? AddressVerdict.Allowed : verdict;
    }

    /// <summary>
    /// Which special block an endpoint lies in, by the registries of IANA; otherwise
    /// <see cref="AddressVerdict.Allowed"/>.
    /// </summary>
    public static AddressVerdict Classify(in Endpoint endpoint) => endpoint.Family switch
    {
        IpFamily.None => AddressVerdict.NoAddress,
        _ when endpoint.Port == 0 => AddressVerdict.PortZero,
        IpFamily.IPv4 => ClassifyIPv4(endpoint.IPv4Bits),
        _ => ClassifyIPv6(endpoint.UpperBits, endpoint.LowerBits),
    };

    private static AddressVerdict ClassifyIPv4(uint ip) => (ip >> 24) switch
    {
        0 => AddressVerdict.Unspecified,
        10 => AddressVerdict.Private,
        100 when (ip & 0xFFC00000) == 0x64400000 => AddressVerdict.CarrierNat,
        127 => AddressVerdict.Loopback,
        169 when (ip & 0xFFFF0000) == 0xA9FE0000 => AddressVerdict.LinkLocal,
        172 when (ip & 0xFFF00000) == 0xAC100000 => AddressVerdict.Private,
        192 when (ip & 0xFFFF0000) == 0xC0A80000 => AddressVerdict.Private,
        192 when (ip & 0xFFFFFF00) == 0xC0000200 => AddressVerdict.Documentation,
        192 when (ip & 0xFFFFFF00) is 0xC0000000 or 0xC0586300 => AddressVerdict.Reserved,
        198 when (ip & 0xFFFE0000) == 0xC6120000 => AddressVerdict.Benchmark,
        198 when (ip & 0xFFFFFF00) == 0xC6336400 => AddressVerdict.Documentation,
        203 when (ip & 0xFFFFFF00) == 0xCB007100 => AddressVerdict.Documentation,
        >= 240 => AddressVerdict.Reserved,
        >= 224 => AddressVerdict.Multicast,
        _ => AddressVerdict.Allowed,
    };

    private static AddressVerdict ClassifyIPv6(ulong upper, ulong lower)
    {
        if (upper == 0)
        {
            return lower switch
            {
                0 => AddressVerdict.Unspecified,
                1 => AddressVerdict.Loopback,
                _ when lower >> 32 is 0 or 0xFFFF => AddressVerdict.EmbeddedIPv4,
                _ => AddressVerdict.Reserved,
            };
        }

        uint first16 = (uint)(upper >> 48);
        return first16 switch
        {
            >= 0xFF00 => AddressVerdict.Multicast,
            >= 0xFE80 and <= 0xFEFF => AddressVerdict.LinkLocal,
            >= 0xFC00 and <= 0xFDFF => AddressVerdict.Private,
            0x0064 when upper == 0x0064FF9B_00000000 && lower >> 32 == 0 => AddressVerdict.EmbeddedIPv4,
            0x0064 when upper >> 16 == 0x0064FF9B_0001 => AddressVerdict.EmbeddedIPv4,
            0x2001 => ClassifyIPv6Under2001(upper),

            // 6to4 is withdrawn (RFC 7526): each of its hosts has a public IPv4 address to be spoken to, and 65,536
            // networks to pose as.
            0x2002 => AddressVerdict.EmbeddedIPv4,
            0x3FFF when (upper >> 44 & 0xF) == 0 => AddressVerdict.Documentation,
            >= 0x2000 and <= 0x3FFF => AddressVerdict.Allowed,
            _ => AddressVerdict.Reserved,
        };
    }

    // 2001::/23 is set aside for protocols. What in it can be reached is anycast services and identifiers that are no
    // addresses of hosts; only Teredo (2001::/32) ever gave addresses to hosts. It ends in the client's IPv4 address,
    // and the bits before it name any relay and port: like 6to4 one host with a public IPv4 address, posing as many.
    private static AddressVerdict ClassifyIPv6Under2001(ulong upper) => (upper >> 32) switch
    {
        0x20010000 => AddressVerdict.EmbeddedIPv4,
        0x20010002 when upper >> 16 == 0x2001_0002_0000 => AddressVerdict.Benchmark,
        <= 0x200101FF => AddressVerdict.Reserved,
        0x20010DB8 => AddressVerdict.Documentation,
        _ => AddressVerdict.Allowed,
    };
}
