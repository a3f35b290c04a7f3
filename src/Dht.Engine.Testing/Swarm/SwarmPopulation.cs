using System.Buffers.Binary;
using Dht.Engine.Identity;
using Dht.Engine.Randomness;

namespace Dht.Engine.Testing.Swarm;

/// <summary>
/// Who the nodes are. Nothing is stored: ids, kinds, tricks and samples are hashes of the seed and the index. Safe
/// from any thread.
/// </summary>
internal sealed class SwarmPopulation
{
    public const int SamplesPerNode = 4;

    private const int TrickCount = (int)SwarmTrick.Reflected;
    private const ulong Step = 0x9E3779B97F4A7C15;

    private readonly ulong _idSeed;
    private readonly ulong _kindSeed;
    private readonly ulong _sampleSeed;
    private readonly ulong _deadBelow;
    private readonly ulong _hostileBelow;

    public SwarmPopulation(int count, ulong seed, double deadPercent, double hostilePercent)
    {
        Count = count;
        Seed = seed;
        _idSeed = SeededRandomSource.Mix(seed + Step);
        _kindSeed = SeededRandomSource.Mix(_idSeed + Step);
        _sampleSeed = SeededRandomSource.Mix(_kindSeed + Step);
        ChoiceSeed = SeededRandomSource.Mix(_sampleSeed + Step);
        _deadBelow = Threshold(deadPercent);
        _hostileBelow = Threshold(deadPercent + hostilePercent);
        for (int i = 0; i < count; i++)
        {
            LiveCount += KindOf(i) == SwarmNodeKind.Live ? 1 : 0;
        }
    }

    public int Count { get; }

    public int LiveCount { get; }

    public ulong Seed { get; }

    /// <summary>For all choices that others make by hash.</summary>
    public ulong ChoiceSeed { get; }

    public bool HasHostile => _hostileBelow > _deadBelow;

    /// <summary>The part of 2^32 that a percentage is: a random 32-bit number lies below it that often.</summary>
    public static ulong Threshold(double percent) => (ulong)(Math.Clamp(percent, 0, 100) / 100 * (1ul << 32));

    /// <summary>A hash of a seed and a number; for one seed, different numbers have different hashes.</summary>
    public static ulong Hash(ulong seed, ulong number) => SeededRandomSource.Mix(seed + (number * Step));

    /// <summary>
    /// The first 64 bits of the id. No two nodes share them, so that they alone decide which of two nodes is nearer
    /// to a target.
    /// </summary>
    public ulong PrefixOf(int index) => Hash(_idSeed, (ulong)index);

    public NodeId IdOf(int index)
    {
        Span<byte> bytes = stackalloc byte[NodeId.Size];
        WriteId(PrefixOf(index), bytes);
        return new NodeId(bytes);
    }

    /// <summary>The whole id, from its prefix.</summary>
    public static void WriteId(ulong prefix, Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], (uint)Hash(prefix, 2));
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Hash(prefix, 1));
        BinaryPrimitives.WriteUInt64BigEndian(destination, prefix);
    }

    public SwarmNodeKind KindOf(int index)
    {
        ulong chance = Hash(_kindSeed, (ulong)index) >> 32;
        return index == 0 || chance >= _hostileBelow ? SwarmNodeKind.Live
            : chance < _deadBelow ? SwarmNodeKind.Dead
            : SwarmNodeKind.Hostile;
    }

    public SwarmTrick TrickOf(int index) => KindOf(index) == SwarmNodeKind.Hostile
        ? (SwarmTrick)(1 + ((uint)Hash(_kindSeed, (ulong)index) % TrickCount))
        : SwarmTrick.None;

    public InfoHash SampleOf(int index, int place)
    {
        Span<byte> bytes = stackalloc byte[InfoHash.Size];
        WriteId(Hash(_sampleSeed, ((ulong)index * SamplesPerNode) + (ulong)place), bytes);
        return new InfoHash(bytes);
    }
}
