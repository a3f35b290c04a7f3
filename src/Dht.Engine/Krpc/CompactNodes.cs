using Dht.Engine.Addressing;
using Dht.Engine.Identity;

namespace Dht.Engine.Krpc;

/// <summary>
/// The contacts of <c>nodes</c> or <c>nodes6</c>, enumerated in place: <c>foreach (CompactNode node in
/// message.Nodes)</c>. A list whose length is not a multiple of the entry size is refused whole, because its entries
/// cannot be told apart.
/// </summary>
public readonly ref struct CompactNodes
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _size;

    /// <summary>Views <paramref name="bytes"/> as contacts of a family.</summary>
    public CompactNodes(ReadOnlySpan<byte> bytes, IpFamily family)
    {
        _size = CompactNode.SizeOf(family);
        IsWellFormed = bytes.Length % _size == 0;
        _bytes = IsWellFormed ? bytes : default;
    }

    /// <summary>False when the length is not a multiple of the entry size; the list is then empty.</summary>
    public bool IsWellFormed { get; }

    /// <summary>How many contacts there are.</summary>
    public int Count => _size == 0 ? 0 : _bytes.Length / _size;

    /// <summary>The contacts in wire form.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>The contact at an index.</summary>
    public CompactNode this[int index]
    {
        get
        {
            ReadOnlySpan<byte> entry = _bytes.Slice(index * _size, _size);
            Endpoint.TryReadCompact(entry[NodeId.Size..], out Endpoint endpoint);
            return new CompactNode(new NodeId(entry[..NodeId.Size]), endpoint);
        }
    }

    /// <summary>For <c>foreach</c>.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>Walks the list in its order.</summary>
    public ref struct Enumerator
    {
        private readonly CompactNodes _nodes;
        private int _index;

        internal Enumerator(CompactNodes nodes)
        {
            _nodes = nodes;
            _index = -1;
        }

        /// <summary>The current contact.</summary>
        public readonly CompactNode Current => _nodes[_index];

        /// <summary>Steps on; false at the end.</summary>
        public bool MoveNext() => ++_index < _nodes.Count;
    }
}
