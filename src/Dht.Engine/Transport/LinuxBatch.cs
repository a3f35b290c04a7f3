using static Dht.Engine.Transport.LinuxNative;

namespace Dht.Engine.Transport;

/// <summary>
/// The structures that one recvmmsg or sendmmsg call works on, all in pinned memory, wired up once: message i has a
/// name of 28 bytes and, when there are buffers, buffer i.
/// </summary>
internal sealed unsafe class LinuxBatch
{
    private readonly byte[] _names;
    private readonly MessageHeader[] _messages;
    private readonly IoVector[] _vectors;
    private readonly PinnedBuffer? _buffers;

    /// <param name="count">How many messages.</param>
    /// <param name="buffers">A block for each message to receive into, or null.</param>
    /// <param name="sizeMax">Bytes of a block that a datagram may fill.</param>
    public LinuxBatch(int count, PinnedBuffer? buffers, int sizeMax = 0)
    {
        _names = GC.AllocateArray<byte>(count * SocketAddressCodec.SizeIPv6, pinned: true);
        _messages = GC.AllocateArray<MessageHeader>(count, pinned: true);
        _vectors = GC.AllocateArray<IoVector>(count, pinned: true);
        _buffers = buffers;
        fixed (byte* names = _names, bytes = buffers?.Bytes)
        fixed (IoVector* vectors = _vectors)
        {
            for (int i = 0; i < count; i++)
            {
                _vectors[i].Base = buffers == null ? null : bytes + (i * buffers.BlockSize);
                _messages[i].Name = names + (i * SocketAddressCodec.SizeIPv6);
                _messages[i].Vectors = vectors + i;
                _messages[i].VectorCount = 1;
                _messages[i].NameLength = SocketAddressCodec.SizeIPv6;
                _vectors[i].Length = (nuint)sizeMax;
            }
        }
    }

    public int Count => _messages.Length;

    public long MemoryBytes => _names.Length + (_buffers?.Bytes.Length ?? 0)
        + ((long)Count * (sizeof(MessageHeader) + sizeof(IoVector)));

    public MessageHeader[] Messages => _messages;

    public IoVector[] Vectors => _vectors;

    public Span<byte> Name(int index) =>
        _names.AsSpan(index * SocketAddressCodec.SizeIPv6, SocketAddressCodec.SizeIPv6);

    public ReadOnlySpan<byte> Received(int index) => _buffers!.Block(index)[..(int)_messages[index].Length];

    /// <summary>
    /// Makes the messages of the last batch, which the system wrote into, ready to be received into again.
    /// </summary>
    public void ArmReceive(int count)
    {
        foreach (ref MessageHeader message in _messages.AsSpan(0, count))
        {
            message.NameLength = SocketAddressCodec.SizeIPv6;
        }
    }

    /// <summary>Bytes of some messages that are to be sent.</summary>
    public long LengthOf(int first, int count)
    {
        long length = 0;
        foreach (ref readonly IoVector vector in _vectors.AsSpan(first, count))
        {
            length += (long)vector.Length;
        }

        return length;
    }
}
