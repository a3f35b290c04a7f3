using System.Buffers.Binary;
using Dht.Engine.Bencode;
using Dht.Engine.Node;

namespace Dht.Engine.Fuzz.Targets;

/// <summary>
/// Saved states that were damaged or made up: one whose checksum is wrong is not believed, and what is read can be
/// written again.
/// </summary>
public sealed class StateFileTarget : IFuzzTarget
{
    private const int HeaderSize = 16;
    private const int ChecksumAt = 12;

    // One input in 4,096.
    private const int FileSampled = 0x555;

    private readonly byte[] _repaired = new byte[GuardedInput.LengthMax];

    /// <inheritdoc/>
    public string Name => "state-file";

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        NodeStateCodec.Encode(new NodeState()),
        Sealed("de"u8),
        Sealed("d2:id20:abcdefghij01234567893:id620:mnopqrstuvwxyz1234565:nodes26:abcdefghij0123456789axje.ue"u8),
        Sealed("d2:id20:abcdefghij01234567896:nodes638:abcdefghij0123456789\x20\x01\x48\x60\x48\x60"u8
            + "\0\0\0\0\0\0\0\0\x12\x34\x1a\xe11:xi7ee"u8),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> Dictionary { get; } =
    [
        "2:id20:abcdefghij0123456789"u8.ToArray(), "3:id620:mnopqrstuvwxyz123456"u8.ToArray(), "5:nodes0:"u8.ToArray(),
        "5:nodes26:abcdefghij0123456789axje.u"u8.ToArray(), "6:nodes6"u8.ToArray(), "DhtState"u8.ToArray(),
        [0, 0, 0, 1],
    ];

    /// <inheritdoc/>
    public IReadOnlyList<string> Namespaces { get; } =
        ["Dht.Engine.Node.NodeStateCodec", "Dht.Engine.Identity.Crc32C", "Dht.Engine.StateFile", "Dht.Engine.Bencode",
            "Dht.Engine.Krpc.CompactNodes"];

    /// <inheritdoc/>
    public InputShape Shape => InputShape.Bencode;

    /// <inheritdoc/>
    public void Execute(ReadOnlySpan<byte> input)
    {
        NodeStateError error = NodeStateCodec.TryDecode(input, out NodeState? state);
        FuzzFailureException.Require((state != null) == (error == NodeStateError.None), "a state or an error");
        FuzzFailureException.Require(
            state == null || HasRightChecksum(input), "a state whose checksum is wrong is not believed");
        if (input.Length < HeaderSize)
        {
            return;
        }

        Span<byte> repaired = _repaired.AsSpan(0, input.Length);
        input.CopyTo(repaired);
        Seal(repaired);
        NodeStateError again = NodeStateCodec.TryDecode(repaired, out state);
        bool isBody = again is NodeStateError.None or NodeStateError.Malformed;
        FuzzFailureException.Require(isBody, "after a right header only the content can be wrong");
        bool isCanonical = BencodeValue.TryParse(input[HeaderSize..], BencodeMode.Strict, out _);
        FuzzFailureException.Require(state == null || isCanonical, "what is read is canonical");
        if (state != null)
        {
            CheckRoundTrip(state);
        }

        // One bit off anywhere must be noticed: another place for each input.
        int at = ChecksumAt + (input.Length * 7 % (input.Length - ChecksumAt));
        repaired[at] ^= (byte)(1 << (input.Length & 7));
        FuzzFailureException.Require(
            NodeStateCodec.TryDecode(repaired, out _) == NodeStateError.Checksum, "a bit that has changed is noticed");
        if ((BinaryPrimitives.ReadUInt16BigEndian(repaired[ChecksumAt..]) & 0xFFF) == FileSampled)
        {
            CheckFile(input, error);
        }
    }

    private static void CheckRoundTrip(NodeState state)
    {
        byte[] bytes = NodeStateCodec.Encode(state);
        FuzzFailureException.Require(
            NodeStateCodec.TryDecode(bytes, out NodeState? again) == NodeStateError.None,
            "what was read can be written");
        bool same = again!.IdIPv4 == state.IdIPv4
            && again.IdIPv6 == state.IdIPv6
            && again.Contacts.Count == state.Contacts.Count;
        for (int i = 0; same && i < state.Contacts.Count; i++)
        {
            same = again.Contacts[i] == state.Contacts[i];
        }

        FuzzFailureException.Require(same, "and says the same then");
    }

    /// <summary>Some inputs go through a file as well: files are slow.</summary>
    private static void CheckFile(ReadOnlySpan<byte> input, NodeStateError expected)
    {
        string folder = Directory.CreateTempSubdirectory("dht-fuzz-").FullName;
        try
        {
            StateFile file = new(Path.Combine(folder, "state"));
            File.WriteAllBytes(file.FullPath, input);
            StateLoad load = file.Load();
            FuzzFailureException.Require(load.Error == expected, "a file is read as its bytes are");
            FuzzFailureException.Require(
                (load.Status == StateLoadStatus.Loaded) == (expected == NodeStateError.None),
                "and loaded if they are sound");
            bool isLeft = expected is NodeStateError.NotAState or NodeStateError.NewerVersion;
            FuzzFailureException.Require(
                File.Exists(file.FullPath) == (isLeft || expected == NodeStateError.None),
                "a damaged file is put aside, one that is not ours is left");
            if (isLeft)
            {
                FuzzFailureException.Require(IsRefused(file), "and never saved to");
                FuzzFailureException.Require(input.SequenceEqual(File.ReadAllBytes(file.FullPath)), "nor changed");
                return;
            }

            file.Save(new NodeState());
            FuzzFailureException.Require(file.Load().Status == StateLoadStatus.Loaded, "a save replaces it");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static bool IsRefused(StateFile file)
    {
        try
        {
            file.Save(new NodeState());
            return false;
        }
        catch (StateFileException)
        {
            return true;
        }
    }

    private static bool HasRightChecksum(ReadOnlySpan<byte> input) =>
        BinaryPrimitives.ReadUInt32BigEndian(input[ChecksumAt..]) == Checksum(input[HeaderSize..]);

    private static byte[] Sealed(ReadOnlySpan<byte> payload)
    {
        byte[] bytes = new byte[HeaderSize + payload.Length];
        payload.CopyTo(bytes.AsSpan(HeaderSize));
        Seal(bytes);
        return bytes;
    }

    private static void Seal(Span<byte> bytes)
    {
        "DhtState\0\0\0\x01"u8.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[ChecksumAt..], Checksum(bytes[HeaderSize..]));
    }

    /// <summary>CRC-32C bit by bit: not the code that is tested.</summary>
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0x82F63B78 & (uint)-(int)(crc & 1));
            }
        }

        return ~crc;
    }
}
