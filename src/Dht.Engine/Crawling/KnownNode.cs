using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Dht.Engine.Addressing;

namespace Dht.Engine.Crawling;

/// <summary>
/// The record of one node in a <see cref="KnownSet"/>, in place. Records never move, so it remains valid when others
/// are added.
/// </summary>
internal readonly ref struct KnownNode(Span<byte> record)
{
    /// <summary>
    /// Bytes of a record after its endpoint: [ id prefix 8 | first seen 4 | state 1 | asks 1 |
    /// refusals 2 bits, reach 6 ].
    /// </summary>
    public const int TailSize = 8 + 4 + 1 + 1 + 1;

    private const int FirstSeenAt = 8;
    private const int StateAt = 12;
    private const int AsksAt = 13;
    private const int ReachAt = 14;
    private const int ReachMask = 0x3F;
    private const int RefusalShift = 6;

    private readonly Span<byte> _record = record;

    /// <summary>Where the node is.</summary>
    public Endpoint Endpoint
    {
        get
        {
            Endpoint.TryReadCompact(_record[..^TailSize], out Endpoint endpoint);
            return endpoint;
        }
    }

    /// <summary>The first 64 bits of its id.</summary>
    public ulong IdPrefix
    {
        get => BinaryPrimitives.ReadUInt64LittleEndian(Tail);
        set => BinaryPrimitives.WriteUInt64LittleEndian(Tail, value);
    }

    /// <summary>Milliseconds from the start of the crawl to the first mention of the node.</summary>
    public uint FirstSeen => BinaryPrimitives.ReadUInt32LittleEndian(Tail[FirstSeenAt..]);

    /// <summary>
    /// Where the node is in the crawl. Written by the frontier alone, which counts how many nodes are at each step.
    /// </summary>
    public ref CrawlState State => ref Unsafe.As<byte, CrawlState>(ref Tail[StateAt]);

    /// <summary>How often it has been asked.</summary>
    public ref byte Asks => ref Tail[AsksAt];

    /// <summary>Leading bits that the farthest contact in the node's first answer shares with it; 63 at most.</summary>
    public int Reach
    {
        get => Tail[ReachAt] & ReachMask;
        set => Tail[ReachAt] = (byte)((Tail[ReachAt] & ~ReachMask) | value);
    }

    /// <summary>
    /// How often it has answered with an error; 3 at most. Written by the frontier alone, which counts such nodes.
    /// </summary>
    public int Refusals
    {
        get => Tail[ReachAt] >> RefusalShift;
        set => Tail[ReachAt] = (byte)((Tail[ReachAt] & ReachMask) | (value << RefusalShift));
    }

    private Span<byte> Tail => _record[^TailSize..];

    /// <summary>Fills the record of a node that has just been met.</summary>
    public void Write(ReadOnlySpan<byte> endpoint, ulong idPrefix, uint firstSeen)
    {
        endpoint.CopyTo(_record);
        Span<byte> tail = Tail;
        BinaryPrimitives.WriteUInt64LittleEndian(tail, idPrefix);
        BinaryPrimitives.WriteUInt32LittleEndian(tail[FirstSeenAt..], firstSeen);
        tail[StateAt..].Clear();
    }
}
