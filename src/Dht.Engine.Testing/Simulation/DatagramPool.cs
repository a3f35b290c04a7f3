namespace Dht.Engine.Testing.Simulation;

/// <summary>
/// Datagrams under way, copied into places of four sizes. Grows by chunks, which never move, so that a span over a
/// datagram stays good while others are added. One thread.
/// </summary>
/// <remarks>
/// <code>
/// handle   [ place, 30 bits | size, 2 bits ]
/// </code>
/// </remarks>
internal sealed class DatagramPool
{
    private const int SizeBits = 2;
    private const int None = -1;

    // Those of the engine fit into the first three; the last one is for what tests send.
    private readonly Shelf[] _shelves = [new(128, 8), new(384, 8), new(1536, 8), new(SizeMax, 2)];

    /// <summary>The longest datagram.</summary>
    public const int SizeMax = 65_536;

    public int Count { get; private set; }

    /// <summary>Copies a datagram in.</summary>
    /// <param name="header">Its length is that of the bytes.</param>
    /// <param name="bytes">At most <see cref="SizeMax"/>.</param>
    /// <returns>Its handle.</returns>
    public int Add(in DatagramHeader header, ReadOnlySpan<byte> bytes)
    {
        int size = bytes.Length <= 128 ? 0 : bytes.Length <= 384 ? 1 : bytes.Length <= 1536 ? 2 : 3;
        int place = _shelves[size].Take();
        _shelves[size].Header(place) = header with { Length = bytes.Length };
        bytes.CopyTo(_shelves[size].Bytes(place));
        Count++;
        return (place << SizeBits) | size;
    }

    public ref DatagramHeader Header(int handle) => ref _shelves[handle & 3].Header(handle >> SizeBits);

    public ReadOnlySpan<byte> Bytes(int handle) =>
        _shelves[handle & 3].Bytes(handle >> SizeBits)[..Header(handle).Length];

    public void Release(int handle)
    {
        _shelves[handle & 3].Release(handle >> SizeBits);
        Count--;
    }

    /// <summary>Places of one size.</summary>
    private sealed class Shelf(int size, int chunkBits)
    {
        private readonly int _mask = (1 << chunkBits) - 1;
        private readonly List<(DatagramHeader[] Headers, byte[] Bytes)> _chunks = [];
        private int _free = None;

        public ref DatagramHeader Header(int place) => ref _chunks[place >> chunkBits].Headers[place & _mask];

        public Span<byte> Bytes(int place) => _chunks[place >> chunkBits].Bytes.AsSpan((place & _mask) * size, size);

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
            int first = _chunks.Count << chunkBits;
            _chunks.Add((new DatagramHeader[1 << chunkBits], new byte[size << chunkBits]));
            for (int place = first + _mask; place >= first; place--)
            {
                Release(place);
            }
        }
    }
}
