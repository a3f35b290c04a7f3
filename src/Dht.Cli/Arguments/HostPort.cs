using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Dht.Engine.Addressing;

namespace Dht.Cli.Arguments;

/// <summary>A place as people write it: a name or an address, and a port.</summary>
/// <param name="Host">The name, or the address without brackets.</param>
/// <param name="Port">Never 0.</param>
/// <param name="Literal">The endpoint when the host is an address; a name must be resolved.</param>
internal sealed record HostPort(string Host, ushort Port, Endpoint? Literal)
{
    public const string Shape = "HOST:PORT, such as dht.example.org:6881, 192.0.2.1:6881 or [2001:db8::1]:6881";

    public static bool TryParse(string text, [NotNullWhen(true)] out HostPort? place)
    {
        place = null;
        int colon = text.LastIndexOf(':');
        if (colon <= 0
            || !ushort.TryParse(
                text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            || port == 0)
        {
            return false;
        }

        string host = text[..colon];
        if (Endpoint.TryParse(text, out Endpoint literal))
        {
            place = new HostPort(host.Trim('[', ']'), port, literal);
            return true;
        }

        // What has only digits and dots was meant to be an address, and is not.
        bool isName = Uri.CheckHostName(host) == UriHostNameType.Dns
            && !host.All(static c => char.IsAsciiDigit(c) || c == '.');
        place = isName ? new HostPort(host, port, null) : null;
        return isName;
    }

    public override string ToString() =>
        Literal?.ToString() ?? string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
