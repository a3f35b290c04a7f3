using Dht.Engine.Addressing;
using Dht.Engine.Bencode;
using Dht.Engine.Krpc;

namespace Dht.Engine.Fuzz.Targets;

/// <summary>The lists of contacts and peers, over bytes that may be no list at all.</summary>
public sealed class CompactTarget : IFuzzTarget
{
    private readonly byte[] _copy = new byte[GuardedInput.LengthMax];

    /// <inheritdoc/>
    public string Name => "compact";

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        new byte[26], new byte[38], new byte[8 * 26], new byte[8 * 38],
        [.. Enumerable.Range(1, 26 * 19).Select(static i => (byte)i)],
        "le"u8.ToArray(), "l6:axje.u6:idhtnme"u8.ToArray(), "l18:abcdefghijklmnopqr6:axje.ue"u8.ToArray(),
        "l6:axje.ui7e3:abcl6:idhtnmed1:a6:idhtnme6:ABCDEFe"u8.ToArray(),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> Dictionary { get; } =
    [
        "6:axje.u"u8.ToArray(), "18:abcdefghijklmnopqr"u8.ToArray(), "0:"u8.ToArray(), "i1e"u8.ToArray(),
        "l"u8.ToArray(), "e"u8.ToArray(),
        "d"u8.ToArray(), "5:abcde"u8.ToArray(), new byte[26], new byte[38], new byte[20],
    ];

    /// <inheritdoc/>
    public IReadOnlyList<string> Namespaces { get; } =
    [
        "Dht.Engine.Krpc.CompactNode", "Dht.Engine.Krpc.CompactNodes", "Dht.Engine.Krpc.CompactPeers",
        "Dht.Engine.Addressing.Endpoint",
        "Dht.Engine.Bencode.BencodeScanner", "Dht.Engine.Bencode.BencodeReader",
    ];

    /// <inheritdoc/>
    public InputShape Shape => InputShape.Bencode;

    /// <inheritdoc/>
    public void Execute(ReadOnlySpan<byte> input)
    {
        AllocationWatch.Start();
        CheckNodes(input, IpFamily.IPv4);
        CheckNodes(input, IpFamily.IPv6);
        CheckPeers(input);
        AllocationWatch.Stop();
    }

    private void CheckNodes(ReadOnlySpan<byte> input, IpFamily family)
    {
        CompactNodes nodes = new(input, family);
        int size = CompactNode.SizeOf(family);
        FuzzFailureException.Require(
            nodes.IsWellFormed == (input.Length % size == 0), "only whole entries are well-formed");
        FuzzFailureException.Require(
            nodes.Count == (nodes.IsWellFormed ? input.Length / size : 0), "a list has as many contacts as fit");
        int written = 0;
        int index = 0;
        foreach (CompactNode node in nodes)
        {
            FuzzFailureException.Require(node == nodes[index], "the enumerator agrees with the index");
            bool read = CompactNode.TryRead(input.Slice(index * size, size), out CompactNode again);
            FuzzFailureException.Require(
                read && again == node && node.Endpoint.Family == family, "an entry is read by itself");
            written += node.Write(_copy.AsSpan(written));
            index++;
        }

        FuzzFailureException.Require(index == nodes.Count
            && nodes.Bytes.SequenceEqual(_copy.AsSpan(0, written)), "contacts write what was read");
        bool alone = CompactNode.TryRead(input, out _);
        FuzzFailureException.Require(
            alone == (input.Length is CompactNode.SizeIPv4 or CompactNode.SizeIPv6), "one contact has 26 or 38 bytes");
    }

    private static void CheckPeers(ReadOnlySpan<byte> input)
    {
        BencodeReader reader = new(input, BencodeMode.Lenient);
        bool sound = reader.Read() && reader.Token == BencodeToken.ListStart;
        int peers = 0;
        foreach (Endpoint peer in new CompactPeers(input))
        {
            peers++;
            if (!sound)
            {
                continue;
            }

            // As long as the reader is content, it meets the same peers in the same order at the top of the list.
            Endpoint expected = default;
            bool found = false;
            while (!found && reader.Read())
            {
                found = reader.Depth == 1
                    && reader.Token == BencodeToken.String
                    && Endpoint.TryReadCompact(reader.Value, out expected);
            }

            sound = reader.Error == BencodeError.None;
            FuzzFailureException.Require(
                !sound || (found && expected == peer), "peers are the strings of 6 and 18 bytes, in order");
        }

        FuzzFailureException.Require(peers * 8 <= input.Length, "no more peers than fit");
        while (sound && reader.Read())
        {
            bool missed = reader.Depth == 1 && reader.Token == BencodeToken.String && reader.Value.Length is 6 or 18;
            FuzzFailureException.Require(!missed || reader.Depth == 0, "no peer is left out");
        }
    }
}
