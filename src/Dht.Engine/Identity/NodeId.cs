using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Dht.Engine.Randomness;

namespace Dht.Engine.Identity;

/// <summary>
/// The 160-bit identifier of a node (BEP 5). Bit 0 is the most significant bit of the first byte on the wire.
/// </summary>
/// <remarks>
/// Layout, in wire order:
/// <code>
/// byte   0                      15 16   19
///       [ _head: Vector128{byte} ][ _tail ]
/// </code>
/// In arrays and on the wire an id takes 20 bytes; this struct is the form to compute with.
/// </remarks>
public readonly struct NodeId : IEquatable<NodeId>
{
    /// <summary>Bytes of an id on the wire.</summary>
    public const int Size = 20;

    /// <summary>Bits of an id.</summary>
    public const int Bits = 160;

    private readonly Vector128<byte> _head;
    private readonly uint _tail;

    /// <summary>Reads an id in wire form.</summary>
    /// <exception cref="ArgumentException"><paramref name="bytes"/> is not 20 bytes long.</exception>
    public NodeId(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
        {
            ThrowWrongSize(bytes.Length);
        }

        this = Load(ref MemoryMarshal.GetReference(bytes));
    }

    internal NodeId(Vector128<byte> head, uint tail)
    {
        _head = head;
        _tail = tail;
    }

    /// <summary>The first 64 bits as a number: the coarse key for sorting and searching.</summary>
    public ulong Prefix64
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ToHost(_head.AsUInt64().ToScalar());
    }

    internal ulong Middle64 => ToHost(_head.AsUInt64().GetElement(1));

    internal uint Last32 => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(_tail) : _tail;

    /// <summary>Whether two ids are the same.</summary>
    public static bool operator ==(in NodeId left, in NodeId right) => left.Equals(right);

    /// <summary>Whether two ids differ.</summary>
    public static bool operator !=(in NodeId left, in NodeId right) => !left.Equals(right);

    /// <summary>Reads an id in wire form; false when there are not exactly 20 bytes.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out NodeId id)
    {
        if (bytes.Length != Size)
        {
            id = default;
            return false;
        }

        id = Load(ref MemoryMarshal.GetReference(bytes));
        return true;
    }

    /// <summary>Parses 40 hexadecimal digits of either case.</summary>
    /// <exception cref="FormatException">The text is not 40 hexadecimal digits.</exception>
    public static NodeId Parse(ReadOnlySpan<char> hex) => TryParse(hex, out NodeId id)
        ? id
        : throw new FormatException("A node id is written as 40 hexadecimal digits.");

    /// <summary>Parses 40 hexadecimal digits of either case.</summary>
    public static bool TryParse(ReadOnlySpan<char> hex, out NodeId id)
    {
        Span<byte> bytes = stackalloc byte[Size];
        id = default;
        if (hex.Length != 2 * Size
            || Convert.FromHexString(hex, bytes, out _, out int written) != System.Buffers.OperationStatus.Done
            || written != Size)
        {
            return false;
        }

        id = new NodeId(bytes);
        return true;
    }

    /// <summary>An id of 160 random bits.</summary>
    public static NodeId Random(IRandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        Span<byte> bytes = stackalloc byte[Size];
        random.Fill(bytes);
        return new NodeId(bytes);
    }

    /// <summary>
    /// Whether <paramref name="left"/> is nearer to <paramref name="target"/> (negative), as near (zero, only when
    /// they are equal) or farther (positive) than <paramref name="right"/>, by XOR distance.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CompareDistance(in NodeId target, in NodeId left, in NodeId right) =>
        CompareDistance(ref Start(target), ref Start(left), ref Start(right));

    /// <summary>The XOR of two ids, as a number that compares.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Distance DistanceTo(in NodeId other)
    {
        var difference = new NodeId(_head ^ other._head, _tail ^ other._tail);
        return new Distance(difference.Prefix64, difference.Middle64, difference.Last32);
    }

    /// <summary>How many leading bits two ids share: 0 to 160.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int CommonPrefixLength(in NodeId other) => CommonPrefixLength(ref Start(this), ref Start(other));

    /// <summary>The bit at <paramref name="index"/>, 0 being the most significant.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not in 0 to 159.</exception>
    public bool GetBit(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Bits, nameof(index));
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return (bytes[index >> 3] & (0x80 >> (index & 7))) != 0;
    }

    /// <summary>
    /// A random id that shares exactly the first <paramref name="prefixLength"/> bits with this one: the bit after
    /// them differs, the rest is random. With 160 there is only this id itself.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not in 0 to 160.</exception>
    public NodeId RandomWithCommonPrefix(int prefixLength, IRandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)prefixLength, (uint)Bits, nameof(prefixLength));
        if (prefixLength == Bits)
        {
            return this;
        }

        Span<byte> mine = stackalloc byte[Size];
        Span<byte> made = stackalloc byte[Size];
        CopyTo(mine);
        random.Fill(made);
        int whole = prefixLength >> 3;
        int bit = prefixLength & 7;
        mine[..whole].CopyTo(made);
        byte keep = (byte)~(0xFF >> bit);
        byte flip = (byte)(0x80 >> bit);
        made[whole] = (byte)((mine[whole] & keep) | (~mine[whole] & flip) | (made[whole] & ~keep & ~flip));
        return new NodeId(made);
    }

    /// <summary>This id with one bit turned over.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not in 0 to 159.</exception>
    internal NodeId WithFlippedBit(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Bits, nameof(index));
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        bytes[index >> 3] ^= (byte)(0x80 >> (index & 7));
        return new NodeId(bytes);
    }

    /// <summary>
    /// A random id at <paramref name="distanceBits"/> from this one: their XOR has that many significant bits.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not in 1 to 160; distance 0 is this id itself.</exception>
    public NodeId RandomAtDistance(int distanceBits, IRandomSource random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(distanceBits, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(distanceBits, Bits);
        return RandomWithCommonPrefix(Bits - distanceBits, random);
    }

    /// <summary>Writes the 20 bytes of the wire form.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than 20 bytes.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CopyTo(Span<byte> destination)
    {
        if (destination.Length < Size)
        {
            ThrowWrongSize(destination.Length);
        }

        ref byte start = ref MemoryMarshal.GetReference(destination);
        _head.StoreUnsafe(ref start);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref start, Vector128<byte>.Count), _tail);
    }

    /// <inheritdoc/>
    public bool Equals(NodeId other) => _head == other._head && _tail == other._tail;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is NodeId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(_head.AsUInt64().ToScalar(), _head.AsUInt64().GetElement(1), _tail);

    /// <summary>40 lower-case hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static NodeId Load(ref byte start) => new(
        Vector128.LoadUnsafe(ref start),
        Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, Vector128<byte>.Count)));

    /// <summary>The same compare for ids in wire form; each reference has 20 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int CompareDistance(ref byte target, ref byte left, ref byte right)
    {
        // Two random ids differ within their first 64 bits all but once in 2^64 times: the scalar compare of that
        // word decides.
        ulong key = Word(ref target, 0);
        ulong l = Word(ref left, 0) ^ key;
        ulong r = Word(ref right, 0) ^ key;
        return l != r ? (l < r ? -1 : 1) : CompareBehindPrefix(ref target, ref left, ref right);
    }

    /// <summary>The same for ids in wire form; each reference has 20 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int CommonPrefixLength(ref byte left, ref byte right)
    {
        ulong difference = Word(ref left, 0) ^ Word(ref right, 0);
        return difference != 0 ? BitOperations.LeadingZeroCount(difference) : CommonBehindPrefix(ref left, ref right);
    }

    // The last 12 bytes are two overlapping words: what the second repeats of the first is equal by then.
    private static int CompareBehindPrefix(ref byte target, ref byte left, ref byte right)
    {
        ulong l = Word(ref left, 8) ^ Word(ref target, 8);
        ulong r = Word(ref right, 8) ^ Word(ref target, 8);
        return l != r
            ? (l < r ? -1 : 1)
            : (Word(ref left, 12) ^ Word(ref target, 12)).CompareTo(Word(ref right, 12) ^ Word(ref target, 12));
    }

    private static int CommonBehindPrefix(ref byte left, ref byte right)
    {
        ulong difference = Word(ref left, 8) ^ Word(ref right, 8);
        return difference != 0
            ? 64 + BitOperations.LeadingZeroCount(difference)
            : 96 + BitOperations.LeadingZeroCount(Word(ref left, 12) ^ Word(ref right, 12));
    }

    // The struct begins with its 20 bytes in wire order: reading words from there spares the detour through a vector
    // register.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte Start(in NodeId id) => ref Unsafe.As<NodeId, byte>(ref Unsafe.AsRef(in id));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Word(ref byte start, int offset) =>
        ToHost(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, offset)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ToHost(ulong wire) =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(wire) : wire;

    [DoesNotReturn]
    private static void ThrowWrongSize(int length) =>
        throw new ArgumentException($"A node id is {Size} bytes; the span has {length}.");
}
