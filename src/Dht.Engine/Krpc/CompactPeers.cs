using Dht.Engine.Addressing;
using Dht.Engine.Bencode;

namespace Dht.Engine.Krpc;

/// <summary>
/// The peers of <c>values</c>, a list of strings of 6 or 18 bytes, enumerated in place. Entries of other lengths and
/// other types are stepped over, as a message may mix good and bad ones.
/// </summary>
public readonly ref struct CompactPeers
{
    private readonly ReadOnlySpan<byte> _list;

    /// <summary>Views a bencoded list, with its <c>l</c> and <c>e</c>; an empty span is an empty list.</summary>
    public CompactPeers(ReadOnlySpan<byte> list) => _list = list;

    /// <summary>How many well-formed peers there are; walks the list.</summary>
    public int Count
    {
        get
        {
            int count = 0;
            foreach (Endpoint _ in this)
            {
                count++;
            }

            return count;
        }
    }

    /// <summary>For <c>foreach</c>.</summary>
    public Enumerator GetEnumerator() => new(_list);

    /// <summary>Walks the list in its order.</summary>
    public ref struct Enumerator
    {
        private readonly ReadOnlySpan<byte> _list;
        private int _position;
        private Endpoint _current;

        internal Enumerator(ReadOnlySpan<byte> list)
        {
            _list = list;
            _position = 1;
            _current = default;
        }

        /// <summary>The current peer.</summary>
        public readonly Endpoint Current => _current;

        /// <summary>Steps on to the next well-formed peer; false at the end.</summary>
        public bool MoveNext()
        {
            while (_position < _list.Length && _list[_position] != (byte)'e')
            {
                if (BencodeScanner.ScanString(_list, ref _position, out int start, out int length) == BencodeError.None)
                {
                    if (Endpoint.TryReadCompact(_list.Slice(start, length), out _current))
                    {
                        return true;
                    }
                }
                else if (BencodeScanner.SkipValue(_list, ref _position, 0, anySize: true) != BencodeError.None)
                {
                    break;
                }
            }

            _position = _list.Length;
            return false;
        }
    }
}
