using System.Buffers.Binary;
using Dht.Engine.Addressing;

namespace Dht.Engine.Transport;

/// <summary>
/// The control data of the messages of a <see cref="BatchSocket"/> (IP_PKTINFO, IPV6_PKTINFO): to which of our
/// addresses a datagram came, and from which of them a reply leaves.
/// </summary>
/// <remarks>
/// For each message one struct cmsghdr with a struct in_pktinfo or in6_pktinfo:
/// <code>
/// IPv4   [ length 8 | level 4 | type 4 | interface 4 | local address 4 | address in the header 4 | padding 4 ]
/// IPv6   [ length 8 | level 4 | type 4 | address 16 | interface 4 | padding 4 ]
/// </code>
/// The local address of IPv4 is that of the header, except for a broadcast, whose answer leaves from our address in
/// that network. On an IPv6 socket an IPv4 address is mapped, both ways.
/// </remarks>
internal sealed unsafe class PacketInfo
{
    private const int LevelIPv4 = 0;
    private const int OptionIPv4 = 8;
    private const int TypeIPv4 = 8;
    private const int LevelIPv6 = 41;
    private const int OptionIPv6 = 49;
    private const int TypeIPv6 = 50;

    private const int Size = 40;
    private const int LengthIPv4 = 28;
    private const int LengthIPv6 = 36;
    private const int LevelAt = 8;
    private const int TypeAt = 12;
    private const int InfoAt = 16;
    private const int AddressIPv4At = 20;

    private readonly LinuxBatch _messages;
    private readonly PinnedBuffer _control;
    private readonly bool _isIPv6;
    private readonly int _length;
    private readonly long _levelAndType;

    /// <summary>Gives every message of a batch control data, ready to be received into.</summary>
    public PacketInfo(LinuxBatch messages, bool isIPv6)
    {
        _messages = messages;
        _isIPv6 = isIPv6;
        _length = isIPv6 ? LengthIPv6 : LengthIPv4;
        _levelAndType = isIPv6 ? LevelIPv6 | ((long)TypeIPv6 << 32) : LevelIPv4 | ((long)TypeIPv4 << 32);
        _control = new PinnedBuffer(Size, messages.Count);
        _control.Bytes.AsSpan().Clear();
        fixed (byte* control = _control.Bytes)
        {
            for (int i = 0; i < messages.Count; i++)
            {
                // The array is pinned for its lifetime, so the address outlives this block.
                messages.Messages[i].Control = control + (i * Size);
                messages.Messages[i].ControlLength = Size;
                Span<byte> block = _control.Block(i);
                BitConverter.TryWriteBytes(block, (long)_length);
                BitConverter.TryWriteBytes(block[LevelAt..], _levelAndType);
            }
        }
    }

    public int MemoryBytes => _control.Bytes.Length;

    /// <summary>The socket option that has the system say where each datagram came to.</summary>
    public static (int Level, int Name) OptionFor(bool isIPv6) =>
        isIPv6 ? (LevelIPv6, OptionIPv6) : (LevelIPv4, OptionIPv4);

    /// <summary>Makes the first messages, which the system wrote into, ready to be received into again.</summary>
    public void ArmReceive(int count)
    {
        foreach (ref LinuxNative.MessageHeader message in _messages.Messages.AsSpan(0, count))
        {
            message.ControlLength = Size;
        }
    }

    /// <summary>The address that a received datagram was sent to; false when the system did not say.</summary>
    public bool TryRead(int index, ushort port, out Endpoint address)
    {
        ReadOnlySpan<byte> control = _control.Block(index);
        if (_messages.Messages[index].ControlLength < (nuint)_length
            || BitConverter.ToInt64(control[LevelAt..]) != _levelAndType)
        {
            address = default;
            return false;
        }

        address = !_isIPv6
            ? Endpoint.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(control[AddressIPv4At..]), port)
            : Endpoint.FromIPv6(
                BinaryPrimitives.ReadUInt64BigEndian(control[InfoAt..]),
                BinaryPrimitives.ReadUInt64BigEndian(control[(InfoAt + 8)..]),
                port).Unmap();
        return true;
    }

    /// <summary>Sets the address that a datagram leaves from; of no family leaves the choice to the system.</summary>
    public void Write(int index, in Endpoint address)
    {
        Span<byte> control = _control.Block(index);
        bool isGiven = _isIPv6 ? address.Family != IpFamily.None : address.IsIPv4;

        // Without the padding: up to 36 bytes the system takes on its stack, more it allocates for.
        _messages.Messages[index].ControlLength = isGiven ? (nuint)_length : 0;
        if (!isGiven)
        {
            return;
        }

        if (!_isIPv6)
        {
            BinaryPrimitives.WriteUInt32BigEndian(control[AddressIPv4At..], address.IPv4Bits);
            return;
        }

        ulong lower = address.IsIPv4 ? SocketAddressCodec.Mapped | address.IPv4Bits : address.LowerBits;
        BinaryPrimitives.WriteUInt64BigEndian(control[InfoAt..], address.IsIPv4 ? 0 : address.UpperBits);
        BinaryPrimitives.WriteUInt64BigEndian(control[(InfoAt + 8)..], lower);
    }
}
