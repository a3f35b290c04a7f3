using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Dht.Engine.Identity;

namespace Dht.Engine.Routing;

/// <summary>
/// Chooses the rows nearest to a target, nearest first. Candidates are gathered by groups, each farther than all
/// before; within a group each finds its place by counting those that are nearer, without a branch that would be
/// guessed wrong half of the time.
/// </summary>
/// <remarks>
/// Distances are compared by their first 64 bits; only where those are equal are whole ids looked at.
/// </remarks>
/// <param name="contacts">The rows.</param>
/// <param name="target">What they are to be near to.</param>
/// <param name="except">An id that is left out.</param>
/// <param name="chosen">
/// Where the rows chosen go; its length is how many are wanted, at most <see cref="RowsMax"/>.
/// </param>
/// <param name="keys">Room for <see cref="KeysMax"/> keys.</param>
/// <param name="rows">Room for as many rows.</param>
internal ref struct NearestRows(
    ContactSlab contacts, NodeId target, NodeId except, Span<int> chosen, Span<ulong> keys, Span<int> rows)
{
    /// <summary>The most rows that can be wanted.</summary>
    public const int RowsMax = 64;

    /// <summary>The most candidates of a group at a time, and a vector of padding.</summary>
    public const int KeysMax = GatheredMax + 8;

    private const int GatheredMax = 256;
    private const int Chunk = 64;

    // Counting takes the square of their number: beyond this, sorting is faster. Their ranks have a bit each in 64
    // bits.
    private const int CountedMax = 40;

    // For each set of four lanes, the numbers of those that are in it.
    private static readonly int[] SetLanes =
    [
        0, 0, 0, 0,  0, 0, 0, 0,  1, 0, 0, 0,  0, 1, 0, 0,
        2, 0, 0, 0,  0, 2, 0, 0,  1, 2, 0, 0,  0, 1, 2, 0,
        3, 0, 0, 0,  0, 3, 0, 0,  1, 3, 0, 0,  0, 1, 3, 0,
        2, 3, 0, 0,  0, 2, 3, 0,  1, 2, 3, 0,  0, 1, 2, 3,
    ];

    private readonly ContactSlab _contacts = contacts;
    private readonly Span<int> _chosen = chosen;
    private readonly Span<ulong> _keys = keys;
    private readonly Span<int> _rows = rows;
    private readonly ulong _target = target.Prefix64;
    private readonly ulong _except = except.Prefix64;
    private int _gathered;

    /// <summary>Rows chosen so far.</summary>
    public int Count { get; private set; }

    /// <summary>Whether all that are wanted are chosen.</summary>
    public readonly bool IsFull => Count == _chosen.Length;

    /// <summary>Gathers a list.</summary>
    public void Gather(int list)
    {
        ReadOnlySpan<ulong> prefixes = _contacts.Prefixes(list);
        int first = _contacts.FirstRow(list);
        for (int start = 0; start < prefixes.Length; start += Chunk)
        {
            MakeRoom();
            int end = Math.Min(start + Chunk, prefixes.Length);
            for (int i = start; i < end; i++)
            {
                Add(prefixes[i], first + i);
            }
        }
    }

    /// <summary>
    /// Gathers a large list that shares as many bits with us as the target does, in two groups. Most of it is too far
    /// to matter: those that share a few bits more with the target come first, and usually there are enough of them.
    /// </summary>
    public void GatherLarge(int list)
    {
        ReadOnlySpan<ulong> prefixes = _contacts.Prefixes(list);
        int first = _contacts.FirstRow(list);

        // On average twice as many as are wanted, so that there are rarely too few.
        int extraBits = BitOperations.Log2((uint)(prefixes.Length / Math.Max(1, _chosen.Length)));
        ulong near = ulong.MaxValue >> (list + extraBits);
        for (int start = 0; start < prefixes.Length; start += Chunk)
        {
            MakeRoom();
            ReadOnlySpan<ulong> chunk = prefixes[start..Math.Min(start + Chunk, prefixes.Length)];
            int done = Avx512F.IsSupported ? AddNear(chunk, first + start, near) : 0;
            AddFound(chunk[done..], first + start + done, near);
        }

        CloseGroup();
        for (int i = IsFull ? prefixes.Length : 0; i < prefixes.Length; i++)
        {
            if ((prefixes[i] ^ _target) > near)
            {
                MakeRoom();
                Add(prefixes[i], first + i);
            }
        }
    }

    /// <summary>Chooses from what was gathered; what follows is farther.</summary>
    public void CloseGroup()
    {
        int wanted = Math.Min(_gathered, _chosen.Length - Count);
        if (wanted > 0)
        {
            if (_gathered > CountedMax || !TryChooseByCounting(wanted))
            {
                Sort();
                _rows[..wanted].CopyTo(_chosen[Count..]);
            }

            Count += wanted;
        }

        _gathered = 0;
    }

    private void Add(ulong prefix, int row)
    {
        _keys[_gathered] = prefix ^ _target;
        _rows[_gathered] = row;
        _gathered += prefix == _except && _contacts.Id(row) == except ? 0 : 1;
    }

    private void MakeRoom()
    {
        if (_gathered > GatheredMax - Chunk)
        {
            Sort();
            _gathered = Math.Min(_gathered, _chosen.Length - Count);
        }
    }

    /// <summary>Adds those within a distance, eight at a time: what is near is pushed together in a register.</summary>
    /// <returns>How many were looked at.</returns>
    private int AddNear(ReadOnlySpan<ulong> chunk, int firstRow, ulong near)
    {
        Vector512<ulong> goal = Vector512.Create(_target);
        Vector512<ulong> limit = Vector512.Create(near);
        Vector512<ulong> left = Vector512.Create(_except);
        Vector512<ulong> rows = Vector512.Create((ulong)firstRow) + Vector512<ulong>.Indices;
        int i = 0;
        for (; i <= chunk.Length - Vector512<ulong>.Count; i += Vector512<ulong>.Count)
        {
            Vector512<ulong> prefixes = Vector512.Create(chunk[i..]);
            Vector512<ulong> keys = prefixes ^ goal;
            Vector512<ulong> isNear = Vector512.LessThanOrEqual(keys, limit);
            if (Vector512.EqualsAny(prefixes, left))
            {
                AddFound(chunk.Slice(i, Vector512<ulong>.Count), firstRow + i, near);
            }
            else
            {
                // All eight places are written, those of the far ones after the count.
                Avx512F.Compress(Vector512<ulong>.Zero, isNear, keys).CopyTo(_keys[_gathered..]);
                Vector512<ulong> nearRows = Avx512F.Compress(Vector512<ulong>.Zero, isNear, rows);
                Avx512F.ConvertToVector256Int32(nearRows).CopyTo(_rows[_gathered..]);
                _gathered += BitOperations.PopCount(isNear.ExtractMostSignificantBits());
            }

            rows += Vector512.Create((ulong)Vector512<ulong>.Count);
        }

        return i;
    }

    /// <summary>The same with shorter vectors, or without any.</summary>
    private void AddFound(ReadOnlySpan<ulong> chunk, int firstRow, ulong near)
    {
        Span<int> found = stackalloc int[Chunk + Vector128<int>.Count];
        foreach (int i in found[..FindNear(chunk, near, found)])
        {
            Add(chunk[i], firstRow + i);
        }
    }

    /// <summary>Finds those within a distance.</summary>
    private readonly int FindNear(ReadOnlySpan<ulong> chunk, ulong near, Span<int> found)
    {
        int count = 0;
        int i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            Vector256<ulong> goal = Vector256.Create(_target);
            Vector256<ulong> limit = Vector256.Create(near);
            for (; i <= chunk.Length - Vector256<ulong>.Count; i += Vector256<ulong>.Count)
            {
                // All four places are written, those of the far ones after the count.
                Vector256<ulong> isNear = Vector256.LessThanOrEqual(Vector256.Create(chunk[i..]) ^ goal, limit);
                uint bits = isNear.ExtractMostSignificantBits();
                (Vector128.Create(SetLanes.AsSpan((int)bits * 4, 4)) + Vector128.Create(i)).CopyTo(found[count..]);
                count += BitOperations.PopCount(bits);
            }
        }

        for (; i < chunk.Length; i++)
        {
            found[count] = i;
            count += (chunk[i] ^ _target) <= near ? 1 : 0;
        }

        return count;
    }

    /// <summary>
    /// The place of each is the number of those that are nearer: eight at a time are compared with it.
    /// Where vectors are shorter, the framework takes two.
    /// </summary>
    /// <returns>False when two keys are equal, or without vectors; then nothing has been chosen.</returns>
    private readonly bool TryChooseByCounting(int wanted)
    {
        if (!Vector256.IsHardwareAccelerated)
        {
            return false;
        }

        // No key is greater than the padding, so it adds to no count.
        int count = _gathered;
        _keys.Slice(count, Vector512<ulong>.Count - 1).Fill(ulong.MaxValue);
        Span<int> places = _chosen.Slice(Count, wanted);
        ulong taken = 0;
        for (int i = 0; i < count; i++)
        {
            Vector512<ulong> key = Vector512.Create(_keys[i]);
            int place = 0;
            for (int j = 0; j < count; j += Vector512<ulong>.Count)
            {
                Vector512<ulong> eight = Vector512.Create(_keys.Slice(j, Vector512<ulong>.Count));
                Vector512<ulong> nearer = Vector512.LessThan(eight, key);
                place += BitOperations.PopCount(nearer.ExtractMostSignificantBits());
            }

            taken |= 1ul << place;
            if (place < places.Length)
            {
                places[place] = _rows[i];
            }
        }

        return BitOperations.PopCount(taken) == count;
    }

    /// <summary>
    /// Sorts what was gathered. Equal keys are one in many billions by chance, so somebody crafted them: a few at most.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly void Sort()
    {
        Span<ulong> sorted = _keys[.._gathered];
        sorted.Sort(_rows[.._gathered]);
        for (int i = 1; i < sorted.Length; i++)
        {
            for (int at = i; at > 0 && sorted[at - 1] == sorted[at] && IsNearer(_rows[at], _rows[at - 1]); at--)
            {
                (_rows[at - 1], _rows[at]) = (_rows[at], _rows[at - 1]);
            }
        }
    }

    private readonly bool IsNearer(int row, int than) =>
        NodeId.CompareDistance(target, _contacts.Id(row), _contacts.Id(than)) < 0;
}
