using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Routing;

/// <summary>
/// Buckets of contacts in wire form: a contact is handed out by copying its bytes. Bucket b holds the rows b * width up to
/// b * width + Count(b), without gaps, the newest last.
/// </summary>
/// <remarks>
/// <code>
/// wire    [ id 20 | ip 4 or 16 | port 2 ] [ ... ]     rows of 26 or 38 bytes
/// health  [ seen | noticed | failures   ] [ ... ]     beside, by the same row
/// </code>
/// </remarks>
internal sealed class ContactSlab
{
    private readonly byte[] _wire;
    private readonly ContactHealth[] _health;
    private readonly byte[] _counts;

    public ContactSlab(int buckets, int width, AddressKind kind)
    {
        RowSize = CompactNode.SizeOf(kind);
        Width = width;
        _wire = new byte[buckets * width * RowSize];
        _health = new ContactHealth[buckets * width];
        _counts = new byte[buckets];
    }

    public int RowSize { get; }

    public int Width { get; }

    public int Count(int bucket) => _counts[bucket];

    public int FirstRow(int bucket) => bucket * Width;

    public bool IsFull(int bucket) => _counts[bucket] == Width;

    public ReadOnlySpan<byte> Wire(int row) => _wire.AsSpan(row * RowSize, RowSize);

    public ref ContactHealth Health(int row) => ref _health[row];

    public NodeId Id(int row) => NodeId.Load(ref MemoryMarshal.GetReference(Wire(row)));

    public ulong IdPrefix(int row) => BinaryPrimitives.ReadUInt64BigEndian(_wire.AsSpan(row * RowSize));

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

    public bool TryFind(int bucket, in NodeId id, out int row)
    {
        int end = FirstRow(bucket) + _counts[bucket];
        for (row = FirstRow(bucket); row < end; row++)
        {
            if (IdPrefix(row) == id.Prefix64 && Id(row) == id)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Finds a contact of the same site as an endpoint.</summary>
    public bool TryFindSite(int bucket, in Endpoint endpoint, out int row)
    {
        int end = FirstRow(bucket) + _counts[bucket];
        for (row = FirstRow(bucket); row < end; row++)
        {
            if (EndpointOf(row).HasSameSite(endpoint))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>How many contacts are of the same network as an endpoint.</summary>
    public int CountNetwork(int bucket, in Endpoint endpoint)
    {
        int count = 0;
        int end = FirstRow(bucket) + _counts[bucket];
        for (int row = FirstRow(bucket); row < end; row++)
        {
            count += EndpointOf(row).HasSameNetwork(endpoint) ? 1 : 0;
        }

        return count;
    }

    /// <summary>Adds behind the last; the bucket must not be full.</summary>
    public void Append(int bucket, in NodeId id, in Endpoint endpoint, Instant now)
    {
        int row = FirstRow(bucket) + _counts[bucket]++;
        Write(row, id, endpoint, now);
    }

    public void Write(int row, in NodeId id, in Endpoint endpoint, Instant now)
    {
        Span<byte> place = _wire.AsSpan(row * RowSize, RowSize);
        id.CopyTo(place);
        endpoint.WriteCompact(place[NodeId.Size..]);
        _health[row] = new ContactHealth { SeenAt = now, NoticedAt = now };
    }

    /// <summary>Takes a row out and closes the gap.</summary>
    public void RemoveAt(int bucket, int row)
    {
        int last = FirstRow(bucket) + --_counts[bucket];
        int moved = last - row;
        _wire.AsSpan((row + 1) * RowSize, moved * RowSize).CopyTo(_wire.AsSpan(row * RowSize));
        _health.AsSpan(row + 1, moved).CopyTo(_health.AsSpan(row));
    }
}
