namespace Dht.Engine.Testing.Simulation;

/// <summary>
/// Datagrams under way, copied into places of three sizes. Grows by chunks, which never move, so that a span over a datagram stays
/// good while others are added. One thread.
/// </summary>
/// <remarks>
/// <code>
/// handle   [ place, 30 bits | size, 2 bits ]
/// </code>
/// </remarks>
internal sealed class DatagramPool
{
    private const int SizeBits = 2;
    private const int ChunkBits = 8;
    private const int ChunkMask = (1 << ChunkBits) - 1;
    private const int None = -1;

    private readonly Shelf[] _shelves = [new Shelf(128), new Shelf(384), new Shelf(1536)];

    /// <summary>The longest datagram.</summary>
    public static int SizeMax => 1536;

    public int Count { get; private set; }

    /// <summary>Copies a datagram in.</summary>
    /// <param name="header">Its length is that of the bytes.</param>
    /// <param name="bytes">At most <see cref="SizeMax"/>.</param>
    /// <returns>Its handle.</returns>
    public int Add(in DatagramHeader header, ReadOnlySpan<byte> bytes)
    {
        int size = bytes.Length <= 128 ? 0 : bytes.Length <= 384 ? 1 : 2;
        int place = _shelves[size].Take();
        _shelves[size].Header(place) = header with { Length = (ushort)bytes.Length };
        bytes.CopyTo(_shelves[size].Bytes(place));
        Count++;
        return (place << SizeBits) | size;
    }

    public ref DatagramHeader Header(int handle) => ref _shelves[handle & 3].Header(handle >> SizeBits);

    public ReadOnlySpan<byte> Bytes(int handle) => _shelves[handle & 3].Bytes(handle >> SizeBits)[..Header(handle).Length];

    public void Release(int handle)
    {
        _shelves[handle & 3].Release(handle >> SizeBits);
        Count--;
    }

    /// <summary>Places of one size.</summary>
    private sealed class Shelf(int size)
    {
        private readonly List<(DatagramHeader[] Headers, byte[] Bytes)> _chunks = [];
        private int _free = None;

        public ref DatagramHeader Header(int place) => ref _chunks[place >> ChunkBits].Headers[place & ChunkMask];

        public Span<byte> Bytes(int place) => _chunks[place >> ChunkBits].Bytes.AsSpan((place & ChunkMask) * size, size);

        public int Take()
        {
            if (_free == None)
            {
                Grow();
            }

            int place = _free;
            _free = Header(place).Destination;
            return place;
        }

        public void Release(int place)
        {
            Header(place).Destination = _free;
            _free = place;
        }

        private void Grow()
        {
            int first = _chunks.Count << ChunkBits;
            _chunks.Add((new DatagramHeader[1 << ChunkBits], new byte[size << ChunkBits]));
            for (int place = first + ChunkMask; place >= first; place--)
            {
                Release(place);
            }
        }
    }
}
