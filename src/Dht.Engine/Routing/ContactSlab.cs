using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Invariants;
using Dht.Engine.Krpc;

namespace Dht.Engine.Routing;

/// <summary>
/// Lists of contacts in wire form: a contact is handed out by copying its bytes. List n holds the rows FirstRow(n) up
/// to EndRow(n), without gaps, the newest last.
/// </summary>
/// <remarks>
/// <code>
/// wire      [ id 20 | ip 4 or 16 | port 2         ] [ ... ]   rows of 26 or 38 bytes
/// prefixes  [ first 8 bytes of the id, a number   ] [ ... ]   beside, by the same row: what is searched most
/// records   [ answered | noticed | heard | ...    ] [ ... ]
/// </code>
/// </remarks>
internal sealed partial class ContactSlab
{
    private readonly byte[] _wire;
    private readonly ulong[] _prefixes;
    private readonly ContactRecord[] _records;
    private readonly int[] _firstRows;
    private readonly ushort[] _counts;

    /// <param name="capacities">Rows of each list.</param>
    public ContactSlab(ReadOnlySpan<int> capacities, IpFamily family)
    {
        RowSize = CompactNode.SizeOf(family);
        _counts = new ushort[capacities.Length];
        _firstRows = new int[capacities.Length + 1];
        for (int i = 0; i < capacities.Length; i++)
        {
            _firstRows[i + 1] = _firstRows[i] + capacities[i];
        }

        Rows = _firstRows[^1];
        _wire = new byte[Rows * RowSize];
        _prefixes = new ulong[Rows];
        _records = new ContactRecord[Rows];
    }

    public int RowSize { get; }

    public int Rows { get; }

    public int Count(int list) => _counts[list];

    public int FirstRow(int list) => _firstRows[list];

    public int EndRow(int list) => _firstRows[list] + _counts[list];

    public bool IsFull(int list) => EndRow(list) == _firstRows[list + 1];

    public ReadOnlySpan<byte> Wire(int row) => _wire.AsSpan(row * RowSize, RowSize);

    /// <summary>
    /// Copies a row. Whole vectors, the last overlapping the one before: rows are too short for a call of the general
    /// copy.
    /// </summary>
    public void CopyRow(int row, Span<byte> destination)
    {
        // Slices of constant length, so that the copies need no checks of their own.
        if (RowSize == CompactNode.SizeIPv4)
        {
            ReadOnlySpan<byte> wire = _wire.AsSpan(row * CompactNode.SizeIPv4, CompactNode.SizeIPv4);
            Span<byte> place = destination[..CompactNode.SizeIPv4];
            Vector128.Create(wire).CopyTo(place);
            Vector128.Create(wire[^16..]).CopyTo(place[^16..]);
        }
        else
        {
            ReadOnlySpan<byte> wire = _wire.AsSpan(row * CompactNode.SizeIPv6, CompactNode.SizeIPv6);
            Span<byte> place = destination[..CompactNode.SizeIPv6];
            Vector256.Create(wire).CopyTo(place);
            Vector128.Create(wire[^16..]).CopyTo(place[^16..]);
        }
    }

    public ref ContactRecord Record(int row) => ref _records[row];

    public NodeId Id(int row) => NodeId.Load(ref MemoryMarshal.GetReference(Wire(row)));

    /// <summary>The first 64 bits of the ids in a list.</summary>
    public ReadOnlySpan<ulong> Prefixes(int list) => _prefixes.AsSpan(_firstRows[list], _counts[list]);

    public CompactNode Contact(int row)
    {
        CompactNode.TryRead(Wire(row), out CompactNode contact);
        return contact;
    }

    public Endpoint EndpointOf(int row)
    {
        Endpoint.TryReadCompact(Wire(row)[NodeId.Size..], out Endpoint endpoint);
        return endpoint;
    }

    public bool TryFind(int list, in NodeId id, out int row)
    {
        int end = EndRow(list);
        row = FirstRow(list);
        while (true)
        {
            int found = _prefixes.AsSpan(row, end - row).IndexOf(id.Prefix64);
            row += found;
            if (found < 0 || Id(row) == id)
            {
                return found >= 0;
            }

            row++;
        }
    }

    /// <summary>Finds a contact of the same site as an endpoint.</summary>
    public bool TryFindSite(int list, in Endpoint endpoint, out int row)
    {
        int end = EndRow(list);
        for (row = FirstRow(list); row < end; row++)
        {
            if (EndpointOf(row).HasSameSite(endpoint))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Counts the contacts of a list that share a block of addresses with an endpoint.</summary>
    public void CountShare(int list, ref NetworkShare share)
    {
        int end = EndRow(list);
        for (int row = FirstRow(list); row < end; row++)
        {
            share.Count(EndpointOf(row));
        }
    }

    /// <summary>Adds after the last; the list must not be full.</summary>
    public void Append(int list, in NodeId id, in Endpoint endpoint, in ContactRecord record)
    {
        Invariant.Holds(!IsFull(list), "a list has room for what is added");
        int row = FirstRow(list) + _counts[list]++;
        Write(row, id, endpoint, record);
    }

    public void Write(int row, in NodeId id, in Endpoint endpoint, in ContactRecord record)
    {
        Invariant.Holds(CompactNode.SizeOf(endpoint.Family) == RowSize, "a contact is of the family of its rows");
        Span<byte> place = _wire.AsSpan(row * RowSize, RowSize);
        id.CopyTo(place);
        endpoint.WriteCompact(place[NodeId.Size..]);
        _prefixes[row] = id.Prefix64;
        _records[row] = record;
    }

    /// <summary>Takes a row out and closes the gap.</summary>
    public void RemoveAt(int list, int row)
    {
        Invariant.Holds(row >= FirstRow(list) && row < EndRow(list), "what is removed is in its list");
        int last = FirstRow(list) + --_counts[list];
        int moved = last - row;
        _wire.AsSpan((row + 1) * RowSize, moved * RowSize).CopyTo(_wire.AsSpan(row * RowSize));
        _prefixes.AsSpan(row + 1, moved).CopyTo(_prefixes.AsSpan(row));
        _records.AsSpan(row + 1, moved).CopyTo(_records.AsSpan(row));
    }

    public void Clear() => _counts.AsSpan().Clear();
}
