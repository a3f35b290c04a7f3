using System.Buffers.Binary;

namespace Dht.Engine.Transport;

/// <summary>
/// The control data of the messages of a <see cref="BatchSocket"/> (IP_PKTINFO): to which of our addresses a datagram
/// came, and from which of them a reply leaves. IPv4 only.
/// </summary>
/// <remarks>
/// For each message one struct cmsghdr with a struct in_pktinfo:
/// <code>
/// [ length 8 | level 4 | type 4 | interface 4 | local address 4 | address in the header 4 | padding 4 ]
/// </code>
/// A received datagram has its destination in the last field; a reply takes its source from the one before.
/// </remarks>
internal sealed unsafe class PacketInfo
{
    public const int Level = 0;
    public const int Type = 8;

    private const int Size = 32;
    private const int LengthUsed = 28;
    private const int LevelAt = 8;
    private const int TypeAt = 12;
    private const int LocalAt = 20;
    private const int HeaderAt = 24;

    private readonly LinuxBatch _messages;
    private readonly PinnedBuffer _control;

    /// <summary>Gives every message of a batch control data, ready to be received into or to be sent with.</summary>
    public PacketInfo(LinuxBatch messages)
    {
        _messages = messages;
        _control = new PinnedBuffer(Size, messages.Count);
        fixed (byte* control = _control.Bytes)
        {
            for (int i = 0; i < messages.Count; i++)
            {
                // The array is pinned for its lifetime, so the address outlives this block.
                messages.Messages[i].Control = control + (i * Size);
                messages.Messages[i].ControlLength = Size;
                Span<byte> block = _control.Block(i);
                block.Clear();
                BitConverter.TryWriteBytes(block, (long)LengthUsed);
                BitConverter.TryWriteBytes(block[LevelAt..], Level);
                BitConverter.TryWriteBytes(block[TypeAt..], Type);
            }
        }
    }

    public int MemoryBytes => _control.Bytes.Length;

    /// <summary>Makes the first messages, which the system wrote into, ready to be received into again.</summary>
    public void ArmReceive(int count)
    {
        foreach (ref LinuxNative.MessageHeader message in _messages.Messages.AsSpan(0, count))
        {
            message.ControlLength = Size;
        }
    }

    /// <summary>The address that a received datagram was sent to.</summary>
    public bool TryRead(int index, out uint address)
    {
        ReadOnlySpan<byte> control = _control.Block(index);
        address = BinaryPrimitives.ReadUInt32BigEndian(control[HeaderAt..]);
        return _messages.Messages[index].ControlLength >= LengthUsed
            && BitConverter.ToInt32(control[LevelAt..]) == Level
            && BitConverter.ToInt32(control[TypeAt..]) == Type;
    }

    /// <summary>Sets the address that a datagram leaves from; 0 leaves the choice to the system.</summary>
    public void Write(int index, uint address) =>
        BinaryPrimitives.WriteUInt32BigEndian(_control.Block(index)[LocalAt..], address);
}
