using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Dht.Engine.Addressing;

namespace Dht.Engine;

/// <summary>
/// A place to ask: a host and a port, as people write it. The host is a name, which is resolved later, or an address.
/// A value; two are equal when they are written the same.
/// </summary>
/// <remarks>
/// An IPv4 address inside an IPv6 one (<c>[::ffff:192.0.2.1]:6881</c>) is taken as the IPv4 address.
/// An <see cref="Endpoint"/> converts by itself, so <c>Bootstrap = [endpoint]</c> compiles. For text there are
/// <see cref="Parse(ReadOnlySpan{char})"/> and its kin, which may fail.
/// </remarks>
public readonly record struct HostPort : ISpanParsable<HostPort>
{
    /// <summary>How a place is written, for messages to people.</summary>
    public const string Shape = "HOST:PORT, such as dht.example.org:6881, 192.0.2.1:6881 or [2001:db8::1]:6881";

    private static readonly SearchValues<char> DigitsAndDot = SearchValues.Create("0123456789.");

    private readonly string? _name;
    private readonly Endpoint _endpoint;

    private HostPort(string name, ushort port)
    {
        _name = name;
        Port = port;
    }

    private HostPort(in Endpoint endpoint)
    {
        _endpoint = endpoint.Unmap();
        Port = endpoint.Port;
    }

    /// <summary>The name, or the address without brackets; empty for <c>default</c>.</summary>
    public string Host => _name ?? (IsAddress ? _endpoint.ToAddress().ToString() : string.Empty);

    /// <summary>The UDP port.</summary>
    public ushort Port { get; }

    /// <summary>Whether the host is an address, so that nothing needs to be resolved.</summary>
    public bool IsAddress => _endpoint.Family != IpFamily.None;

    /// <summary>Whether it can be asked: it has a host and a port. What was parsed always is.</summary>
    public bool IsComplete => Port != 0 && (_name != null || IsAddress);

    /// <summary>A place whose host is an address. It is complete when the endpoint has an address and a port.</summary>
    public static implicit operator HostPort(Endpoint endpoint) => FromEndpoint(endpoint);

    /// <summary>A place whose host is an address. It is complete when the endpoint has an address and a port.</summary>
    public static HostPort FromEndpoint(Endpoint endpoint) => new(endpoint);

    /// <summary>Reads <c>HOST:PORT</c>, <c>ADDRESS:PORT</c> or <c>[ADDRESS]:PORT</c>; the port is 1 to 65535.</summary>
    /// <exception cref="FormatException">It is written otherwise.</exception>
    public static HostPort Parse(ReadOnlySpan<char> text) => TryParse(text, out HostPort place)
        ? place
        : throw new FormatException($"'{text}' is not {Shape}.");

    /// <summary>As <see cref="Parse(ReadOnlySpan{char})"/>.</summary>
    /// <exception cref="ArgumentNullException">The text is null.</exception>
    /// <exception cref="FormatException">It is written otherwise.</exception>
    public static HostPort Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Parse(text.AsSpan());
    }

    /// <summary>Reads several.</summary>
    /// <exception cref="FormatException">One of them is written otherwise.</exception>
    public static IReadOnlyList<HostPort> ParseAll(IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return [.. texts.Select(Parse)];
    }

    /// <summary>
    /// Reads <c>HOST:PORT</c>, <c>ADDRESS:PORT</c> or <c>[ADDRESS]:PORT</c>; false when it is written otherwise. Does
    /// not throw.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, out HostPort place)
    {
        place = default;
        int colon = text.LastIndexOf(':');
        if (colon <= 0
            || !ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            || port == 0)
        {
            return false;
        }

        if (Endpoint.TryParse(text, out Endpoint endpoint))
        {
            place = new HostPort(endpoint);
            return true;
        }

        string host = text[..colon].ToString();

        // What has only digits and dots was meant to be an address, and is not one.
        if (Uri.CheckHostName(host) != UriHostNameType.Dns || !text[..colon].ContainsAnyExcept(DigitsAndDot))
        {
            return false;
        }

        place = new HostPort(host, port);
        return true;
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out HostPort)"/>
    public static bool TryParse([NotNullWhen(true)] string? text, out HostPort place) =>
        TryParse(text.AsSpan(), out place);

    static HostPort ISpanParsable<HostPort>.Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s);

    static bool ISpanParsable<HostPort>.TryParse(
        ReadOnlySpan<char> s, IFormatProvider? provider, out HostPort result) =>
        TryParse(s, out result);

    static HostPort IParsable<HostPort>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<HostPort>.TryParse(string? s, IFormatProvider? provider, out HostPort result) =>
        TryParse(s, out result);

    /// <summary>The endpoint, when the host is an address.</summary>
    /// <returns>False for a name, which <see cref="BootstrapNodes.ResolveAsync"/> resolves.</returns>
    public bool TryGetEndpoint(out Endpoint endpoint)
    {
        endpoint = _endpoint;
        return IsAddress;
    }

    /// <summary>As it is written: <c>HOST:PORT</c>, with brackets around an IPv6 address.</summary>
    public override string ToString() => IsAddress
        ? _endpoint.ToString()
        : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
