using Dht.Engine.Addressing;

namespace Dht.Engine.Bench;

/// <summary>Compact endpoints byte by byte: what the words of <see cref="Endpoint"/> are compared with.</summary>
internal static class ScalarEndpoints
{
    public static Endpoint Read(ReadOnlySpan<byte> bytes)
    {
        int address = bytes.Length - 2;
        ushort port = (ushort)((bytes[address] << 8) | bytes[address + 1]);
        return address == 4
            ? Endpoint.FromIPv4((uint)Number(bytes[..4]), port)
            : Endpoint.FromIPv6(Number(bytes[..8]), Number(bytes[8..16]), port);
    }

    public static int Write(in Endpoint endpoint, Span<byte> destination)
    {
        int address = endpoint.CompactSize - 2;
        for (int i = 0; i < address; i++)
        {
            ulong half = address == 16 && i < 8 ? endpoint.UpperBits : endpoint.LowerBits;
            destination[i] = (byte)(half >> (8 * ((address - 1 - i) & 7)));
        }

        destination[address] = (byte)(endpoint.Port >> 8);
        destination[address + 1] = (byte)endpoint.Port;
        return address + 2;
    }

    private static ulong Number(ReadOnlySpan<byte> bytes)
    {
        ulong number = 0;
        foreach (byte value in bytes)
        {
            number = (number << 8) | value;
        }

        return number;
    }
}
