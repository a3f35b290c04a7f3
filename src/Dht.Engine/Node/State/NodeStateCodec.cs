using System.Buffers.Binary;
using Dht.Engine.Addressing;
using Dht.Engine.Bencode;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;

namespace Dht.Engine.Node;

/// <summary>A <see cref="NodeState"/> as bytes, for a file or a database. Thread-safe.</summary>
/// <remarks>
/// <code>
/// [ "DhtState" 8 | version 4 | CRC-32C of the payload 4 | payload ]
/// payload: d 2:id 20: 3:id6 20: 5:nodes n x 26: 6:nodes6 n x 38: e
/// </code>
/// Numbers are big-endian. The payload is canonical bencode with the compact contacts of BEP 5 and BEP 32; each key may
/// be absent, and unknown keys are ignored. An IPv4 address inside an IPv6 one is the IPv4 address.
/// </remarks>
public static class NodeStateCodec
{
    /// <summary>The most contacts of one family.</summary>
    public const int ContactsMax = 10_000;

    /// <summary>The most bytes of a state.</summary>
    public const int SizeMax = 2 << 20;

    /// <summary>The bytes before the payload.</summary>
    internal const int HeaderSize = 16;

    private const uint Version = 1;
    private const int VersionAt = 8;
    private const int ChecksumAt = 12;
    private const string IdKey = "id";
    private const string Id6Key = "id6";
    private const string NodesKey = "nodes";
    private const string Nodes6Key = "nodes6";

    private static ReadOnlySpan<byte> Magic => "DhtState"u8;

    /// <summary>Writes a state. Of each family the first <see cref="ContactsMax"/> contacts are kept.</summary>
    /// <exception cref="ArgumentException">A contact has no address.</exception>
    public static byte[] Encode(NodeState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var payload = new BencodeBuilder();
        AddId(payload, IdKey, state.IdIPv4);
        AddId(payload, Id6Key, state.IdIPv6);
        AddContacts(payload, NodesKey, state.Contacts, IpFamily.IPv4);
        AddContacts(payload, Nodes6Key, state.Contacts, IpFamily.IPv6);
        BencodeValue document = payload.ToValue();
        byte[] bytes = new byte[HeaderSize + document.EncodedLength];
        document.ToBytes().CopyTo(bytes, HeaderSize);
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(VersionAt), Version);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(ChecksumAt), Crc32C.Compute(bytes.AsSpan(HeaderSize)));
        return bytes;
    }

    /// <summary>Reads a state. Any bytes at all may be given.</summary>
    /// <param name="bytes">What <see cref="Encode"/> returned; not kept.</param>
    /// <param name="state">
    /// The state, contacts of IPv4 first; null unless <see cref="NodeStateError.None"/> is returned.
    /// </param>
    /// <returns>What is wrong with the bytes.</returns>
    public static NodeStateError TryDecode(ReadOnlySpan<byte> bytes, out NodeState? state)
    {
        state = null;
        NodeStateError error = CheckHeader(bytes);
        if (error != NodeStateError.None)
        {
            return error;
        }

        var contacts = new List<CompactNode>();
        var contactsIPv6 = new List<CompactNode>();
        if (!BencodeValue.TryParse(bytes[HeaderSize..], BencodeMode.Strict, out BencodeValue? payload)
            || payload.Kind != BencodeKind.Dictionary
            || !TryReadId(payload, IdKey, out NodeId? idIPv4)
            || !TryReadId(payload, Id6Key, out NodeId? idIPv6)
            || !TryReadContacts(payload, NodesKey, IpFamily.IPv4, contacts)
            || !TryReadContacts(payload, Nodes6Key, IpFamily.IPv6, contactsIPv6))
        {
            return NodeStateError.Malformed;
        }

        Merge(contactsIPv6, contacts);
        state = new NodeState { IdIPv4 = idIPv4, IdIPv6 = idIPv6, Contacts = contacts };
        return NodeStateError.None;
    }

    /// <summary>
    /// What the first <see cref="HeaderSize"/> bytes say of a file. What is cut short within them is a state if it
    /// begins as one.
    /// </summary>
    internal static NodeStateError CheckBeginning(ReadOnlySpan<byte> bytes)
    {
        int marked = Math.Min(bytes.Length, Magic.Length);
        if (!bytes.StartsWith(Magic[..marked]))
        {
            return NodeStateError.NotAState;
        }

        if (bytes.Length < HeaderSize)
        {
            return NodeStateError.TooShort;
        }

        uint version = BinaryPrimitives.ReadUInt32BigEndian(bytes[VersionAt..]);
        return version == Version ? NodeStateError.None
            : version > Version ? NodeStateError.NewerVersion
            : NodeStateError.Malformed;
    }

    private static NodeStateError CheckHeader(ReadOnlySpan<byte> bytes)
    {
        NodeStateError error = CheckBeginning(bytes);
        if (error != NodeStateError.None)
        {
            return error;
        }

        if (bytes.Length > SizeMax)
        {
            return NodeStateError.TooLong;
        }

        return BinaryPrimitives.ReadUInt32BigEndian(bytes[ChecksumAt..]) == Crc32C.Compute(bytes[HeaderSize..])
            ? NodeStateError.None
            : NodeStateError.Checksum;
    }

    private static void AddId(BencodeBuilder payload, string key, NodeId? id)
    {
        if (id is { } present)
        {
            Span<byte> bytes = stackalloc byte[NodeId.Size];
            present.CopyTo(bytes);
            payload.Add(key, BencodeValue.FromBytes(bytes));
        }
    }

    private static void AddContacts(
        BencodeBuilder payload, string key, IReadOnlyList<CompactNode> contacts, IpFamily family)
    {
        int size = CompactNode.SizeOf(family);
        byte[] bytes = new byte[Math.Min(contacts.Count, ContactsMax) * size];
        int length = 0;
        foreach (CompactNode given in contacts)
        {
            CompactNode contact = Unmap(given);
            if (contact.Endpoint.Family == IpFamily.None)
            {
                throw new ArgumentException(
                    $"The contact {contact.Id} has no address; leave it out.", nameof(contacts));
            }

            if (contact.Endpoint.Family == family && length < bytes.Length)
            {
                length += contact.Write(bytes.AsSpan(length));
            }
        }

        if (length > 0)
        {
            payload.Add(key, BencodeValue.FromBytes(bytes.AsSpan(0, length)));
        }
    }

    private static bool TryReadId(BencodeValue payload, string key, out NodeId? id)
    {
        id = null;
        if (!payload.TryGetValue(key, out BencodeValue? value))
        {
            return true;
        }

        bool valid = value.TryGetBytes(out ReadOnlyMemory<byte> bytes) && bytes.Length == NodeId.Size;
        id = valid ? new NodeId(bytes.Span) : null;
        return valid;
    }

    private static bool TryReadContacts(BencodeValue payload, string key, IpFamily family, List<CompactNode> contacts)
    {
        if (!payload.TryGetValue(key, out BencodeValue? value))
        {
            return true;
        }

        if (!value.TryGetBytes(out ReadOnlyMemory<byte> bytes))
        {
            return false;
        }

        var nodes = new CompactNodes(bytes.Span, family);
        if (!nodes.IsWellFormed || nodes.Count > ContactsMax)
        {
            return false;
        }

        contacts.EnsureCapacity(contacts.Count + nodes.Count);
        foreach (CompactNode node in nodes)
        {
            contacts.Add(node);
        }

        return true;
    }

    /// <summary>Adds the contacts: first those that are IPv4 ones in truth, as many as fit, then the others.</summary>
    private static void Merge(List<CompactNode> from, List<CompactNode> into)
    {
        into.EnsureCapacity(into.Count + from.Count);
        foreach (CompactNode contact in from)
        {
            if (Unmap(contact) is { Endpoint.IsIPv4: true } unmapped && into.Count < ContactsMax)
            {
                into.Add(unmapped);
            }
        }

        foreach (CompactNode contact in from)
        {
            if (Unmap(contact).Endpoint.IsIPv6)
            {
                into.Add(contact);
            }
        }
    }

    /// <summary>A contact whose IPv4 address is written inside an IPv6 one is an IPv4 contact.</summary>
    private static CompactNode Unmap(in CompactNode contact) => new(contact.Id, contact.Endpoint.Unmap());
}
