using System.Buffers.Text;
using System.Diagnostics;
using System.Globalization;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;

namespace Dht.Cli.Output;

/// <summary>Writes the parts of a row one after another into a span that is long enough; allocates nothing.</summary>
internal ref struct Utf8Row
{
    private readonly Span<byte> _span;

    public Utf8Row(Span<byte> span) => _span = span;

    public int Length { get; private set; }

    private readonly Span<byte> Rest => _span[Length..];

    public void Text(scoped ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(Rest);
        Length += utf8.Length;
    }

    public void Id(in NodeId id)
    {
        Span<byte> bytes = stackalloc byte[NodeId.Size];
        id.CopyTo(bytes);
        Hex(bytes);
    }

    public void Hex(scoped ReadOnlySpan<byte> bytes)
    {
        Convert.TryToHexStringLower(bytes, Rest, out int written);
        Length += written;
    }

    public void Number(int value)
    {
        Utf8Formatter.TryFormat(value, Rest, out int written);
        Length += written;
    }

    /// <summary>Milliseconds with as many of three decimals as are needed.</summary>
    public void Milliseconds(TimeSpan span)
    {
        bool fits = Math.Round(span.TotalMilliseconds, 3).TryFormat(
            Rest, out int written, default, CultureInfo.InvariantCulture);
        Debug.Assert(fits, "The caller's span is too short.");
        Length += written;
    }

    /// <summary>The address without the port, as <see cref="System.Net.IPAddress"/> writes it.</summary>
    public void Address(in Endpoint endpoint)
    {
        if (!endpoint.IsIPv4)
        {
            Length += AddressText.WriteIPv6(endpoint, Rest);
            return;
        }

        uint bits = endpoint.IPv4Bits;
        for (int shift = 24; shift >= 0; shift -= 8)
        {
            Number((int)(bits >> shift & 0xFF));
            if (shift > 0)
            {
                Text("."u8);
            }
        }
    }

    /// <summary>RFC 3339 in UTC, to the millisecond.</summary>
    public void Time(DateTime utc)
    {
        const int toMilliseconds = 23;
        Span<byte> whole = stackalloc byte[32];
        Utf8Formatter.TryFormat(utc, whole, out _, 'O');
        Text(whole[..toMilliseconds]);
        Text("Z"u8);
    }
}
