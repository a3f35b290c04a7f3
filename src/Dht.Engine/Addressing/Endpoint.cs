using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Dht.Engine.Addressing;

/// <summary>An IPv4 or IPv6 address with a port: a value of 24 bytes, without allocation.</summary>
/// <remarks>
/// An IPv6 endpoint whose address is IPv4-mapped (::ffff:a.b.c.d) stays IPv6: the wire may carry one, and
/// <see cref="AddressPolicy"/> refuses it. A transport over a dual-stack socket unmaps what the system hands it.
/// </remarks>
public readonly struct Endpoint : IEquatable<Endpoint>
{
    /// <summary>Bytes of an IPv4 endpoint in compact form: 4 of address, 2 of port, big-endian.</summary>
    public const int CompactSizeIPv4 = 6;

    /// <summary>Bytes of an IPv6 endpoint in compact form: 16 of address, 2 of port, big-endian.</summary>
    public const int CompactSizeIPv6 = 18;

    private static readonly SearchValues<char> IPv6Text = SearchValues.Create("0123456789abcdefABCDEF:.");

    // IPv4: _high is 0 and _low the address as a number. IPv6: both halves, most significant first.
    private readonly ulong _high;
    private readonly ulong _low;

    private Endpoint(ulong high, ulong low, ushort port, IpFamily family)
    {
        _high = high;
        _low = low;
        Port = port;
        Family = family;
    }

    /// <summary>The port in host order.</summary>
    public ushort Port { get; }

    /// <summary>The family.</summary>
    public IpFamily Family { get; }

    /// <summary>Whether the address is IPv4.</summary>
    public bool IsIPv4 => Family == IpFamily.IPv4;

    /// <summary>Whether the address is IPv6.</summary>
    public bool IsIPv6 => Family == IpFamily.IPv6;

    /// <summary>Whether the address is 0.0.0.0 or ::, to which a socket is bound that takes all addresses.</summary>
    public bool IsUnspecified => Family != IpFamily.None && _low == 0 && _high == 0;

    /// <summary>Bytes of the compact form: 6, 18, or 0 for no address.</summary>
    public int CompactSize => Family switch
    {
        IpFamily.IPv4 => CompactSizeIPv4,
        IpFamily.IPv6 => CompactSizeIPv6,
        _ => 0,
    };

    /// <summary>The IPv4 address as a number: 127.0.0.1 is 0x7F000001. Meaningless for IPv6.</summary>
    public uint IPv4Bits => (uint)_low;

    /// <summary>The upper 64 bits of an IPv6 address; 0 for IPv4.</summary>
    public ulong UpperBits => _high;

    /// <summary>The lower 64 bits of an IPv6 address, or the IPv4 address as a number.</summary>
    public ulong LowerBits => _low;

    /// <summary>Whether two endpoints are the same address of one family and the same port.</summary>
    public static bool operator ==(in Endpoint left, in Endpoint right) => left.Equals(right);

    /// <summary>Whether two endpoints differ.</summary>
    public static bool operator !=(in Endpoint left, in Endpoint right) => !left.Equals(right);

    /// <summary>An IPv4 endpoint from the address as a number: 0x7F000001 is 127.0.0.1.</summary>
    public static Endpoint FromIPv4(uint address, ushort port) => new(0, address, port, IpFamily.IPv4);

    /// <summary>An IPv6 endpoint from the halves of its address.</summary>
    public static Endpoint FromIPv6(ulong upper, ulong lower, ushort port) => new(upper, lower, port, IpFamily.IPv6);

    /// <summary>Reads the compact form: 6 bytes are IPv4, 18 are IPv6, anything else is refused.</summary>
    public static bool TryReadCompact(ReadOnlySpan<byte> bytes, out Endpoint endpoint)
    {
        if (bytes.Length == CompactSizeIPv4)
        {
            endpoint = FromIPv4(
                BinaryPrimitives.ReadUInt32BigEndian(bytes), BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]));
            return true;
        }

        if (bytes.Length == CompactSizeIPv6)
        {
            endpoint = FromIPv6(
                BinaryPrimitives.ReadUInt64BigEndian(bytes),
                BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
                BinaryPrimitives.ReadUInt16BigEndian(bytes[16..]));
            return true;
        }

        endpoint = default;
        return false;
    }

    /// <summary>Takes an address of the framework; a scope id is dropped.</summary>
    /// <exception cref="ArgumentException">The address is of no Internet family.</exception>
    public static Endpoint FromAddress(IPAddress address, ushort port)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int length);
        return address.AddressFamily switch
        {
            AddressFamily.InterNetwork when length == 4 => FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes), port),
            AddressFamily.InterNetworkV6 => FromIPv6(
                BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), port),
            _ => throw new ArgumentException($"{address} is neither IPv4 nor IPv6.", nameof(address)),
        };
    }

    /// <summary>
    /// Parses <c>1.2.3.4:6881</c> or <c>[2001:db8::1]:6881</c>. Names are not resolved; decimals with leading zeros,
    /// and scope ids, are refused.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Endpoint endpoint)
    {
        endpoint = default;
        int colon = text.LastIndexOf(':');
        if (colon <= 0 || !TryParseDecimal(text[(colon + 1)..], ushort.MaxValue, out uint port))
        {
            return false;
        }

        ReadOnlySpan<char> host = text[..colon];
        if (host is not ['[', .., ']'])
        {
            bool isIPv4 = TryParseIPv4(host, out uint ip);
            endpoint = isIPv4 ? FromIPv4(ip, (ushort)port) : default;
            return isIPv4;
        }

        // The framework's parser also takes scopes, which an endpoint cannot hold, and IPv4: the alphabet and the
        // colon keep them out.
        host = host[1..^1];
        if (host.ContainsAnyExcept(IPv6Text) || !host.Contains(':')
            || !IPAddress.TryParse(host, out IPAddress? address))
        {
            return false;
        }

        endpoint = FromAddress(address, (ushort)port);
        return true;
    }

    /// <summary>Parses <c>1.2.3.4:6881</c> or <c>[2001:db8::1]:6881</c>.</summary>
    /// <exception cref="FormatException">The text is neither.</exception>
    public static Endpoint Parse(ReadOnlySpan<char> text) => TryParse(text, out Endpoint endpoint)
        ? endpoint
        : throw new FormatException($"'{text}' is not an endpoint; write 1.2.3.4:6881 or [2001:db8::1]:6881.");

    /// <summary>Writes the compact form and returns its length: 6 or 18, or 0 for no address.</summary>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public int WriteCompact(Span<byte> destination)
    {
        if (destination.Length < CompactSize)
        {
            throw new ArgumentException(
                $"The compact form takes {CompactSize} bytes; the span has {destination.Length}.");
        }

        switch (Family)
        {
            case IpFamily.IPv4:
                BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)_low);
                BinaryPrimitives.WriteUInt16BigEndian(destination[4..], Port);
                return CompactSizeIPv4;
            case IpFamily.IPv6:
                BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
                BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _low);
                BinaryPrimitives.WriteUInt16BigEndian(destination[16..], Port);
                return CompactSizeIPv6;
            default:
                return 0;
        }
    }

    /// <summary>The same address with another port.</summary>
    public Endpoint WithPort(ushort port) => new(_high, _low, port, Family);

    /// <summary>Whether both have the same address, whatever their ports.</summary>
    public bool HasSameAddress(in Endpoint other) =>
        _low == other._low && _high == other._high && Family == other.Family;

    /// <summary>
    /// Whether both are of one site: the same IPv4 address, or IPv6 addresses of the same /64. A host chooses the
    /// lower 64 bits of its IPv6 address as it likes, so a limit for each whole address would be no limit.
    /// </summary>
    public bool HasSameSite(in Endpoint other) =>
        Family == other.Family && _high == other._high && (_low == other._low || IsIPv6);

    /// <summary>If this is an IPv4-mapped IPv6 endpoint, the IPv4 one; otherwise itself.</summary>
    public Endpoint Unmap() =>
        Family == IpFamily.IPv6 && _high == 0 && _low >> 32 == 0xFFFF ? FromIPv4((uint)_low, Port) : this;

    /// <summary>The address as the framework's type; allocates. For people and slow paths.</summary>
    public IPAddress ToAddress()
    {
        Span<byte> bytes = stackalloc byte[CompactSizeIPv6];
        int length = WriteCompact(bytes);
        return length == 0 ? IPAddress.None : new IPAddress(bytes[..(length - 2)]);
    }

    /// <inheritdoc/>
    public bool Equals(Endpoint other) =>
        _low == other._low && _high == other._high && Port == other.Port && Family == other.Family;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is Endpoint other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_high, _low, Port, Family);

    /// <summary><c>1.2.3.4:6881</c> or <c>[2001:db8::1]:6881</c>; <c>none</c> for no address.</summary>
    public override string ToString() => Family switch
    {
        IpFamily.IPv4 => string.Create(CultureInfo.InvariantCulture, $"{ToAddress()}:{Port}"),
        IpFamily.IPv6 => string.Create(CultureInfo.InvariantCulture, $"[{ToAddress()}]:{Port}"),
        _ => "none",
    };

    // Not the framework's parser: that one takes "1" and "0x7f.1" too, and reads 010 as eight.
    private static bool TryParseIPv4(ReadOnlySpan<char> text, out uint address)
    {
        address = 0;
        for (int part = 0; part < 4; part++)
        {
            int dot = part < 3 ? text.IndexOf('.') : text.Length;
            if (dot < 0 || !TryParseDecimal(text[..dot], byte.MaxValue, out uint octet))
            {
                return false;
            }

            address = (address << 8) | octet;
            text = text[Math.Min(dot + 1, text.Length)..];
        }

        return true;
    }

    private static bool TryParseDecimal(ReadOnlySpan<char> text, uint max, out uint value)
    {
        value = 0;
        if (text.IsEmpty || text.Length > 5 || (text[0] == '0' && text.Length > 1))
        {
            return false;
        }

        foreach (char c in text)
        {
            if (!char.IsAsciiDigit(c))
            {
                return false;
            }

            value = (value * 10) + (uint)(c - '0');
        }

        return value <= max;
    }
}
