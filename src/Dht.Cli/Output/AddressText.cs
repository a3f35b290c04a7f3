using System.Buffers.Binary;
using System.Buffers.Text;
using Dht.Engine.Addressing;

namespace Dht.Cli.Output;

/// <summary>IPv6 addresses as text by RFC 5952, without allocation.</summary>
internal static class AddressText
{
    private const int Groups = 8;

    /// <summary>Writes the address, at most 39 bytes, and returns its length.</summary>
    public static int WriteIPv6(in Endpoint endpoint, Span<byte> destination)
    {
        Span<byte> compact = stackalloc byte[Endpoint.CompactSizeIPv6];
        endpoint.WriteCompact(compact);
        Span<ushort> groups = stackalloc ushort[Groups];
        for (int i = 0; i < Groups; i++)
        {
            groups[i] = BinaryPrimitives.ReadUInt16BigEndian(compact[(2 * i)..]);
        }

        FindZeros(groups, out int zerosAt, out int zeros);
        int length = 0;
        for (int i = 0; i < Groups; i++)
        {
            if (i == zerosAt)
            {
                destination[length++] = (byte)':';
                i += zeros - 1;
                if (i == Groups - 1)
                {
                    destination[length++] = (byte)':';
                }

                continue;
            }

            if (i > 0)
            {
                destination[length++] = (byte)':';
            }

            Utf8Formatter.TryFormat(groups[i], destination[length..], out int written, new('x'));
            length += written;
        }

        return length;
    }

    /// <summary>The first of the longest runs of two or more zero groups, which is written as "::".</summary>
    private static void FindZeros(ReadOnlySpan<ushort> groups, out int at, out int count)
    {
        at = -1;
        count = 1;
        int run = 0;
        for (int i = 0; i < Groups; i++)
        {
            run = groups[i] == 0 ? run + 1 : 0;
            if (run > count)
            {
                count = run;
                at = i - run + 1;
            }
        }
    }
}
