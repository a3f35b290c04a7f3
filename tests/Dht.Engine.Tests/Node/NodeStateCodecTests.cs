using System.Buffers.Binary;
using System.Text;
using Dht.Engine.Addressing;
using Dht.Engine.Bencode;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;

namespace Dht.Engine.Tests.Node;

public sealed class NodeStateCodecTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    [InlineData(300, 200)]
    [InlineData(NodeStateCodec.ContactsMax, NodeStateCodec.ContactsMax)]
    public void RoundTrip(int countIPv4, int countIPv6)
    {
        NodeState state = SampleStates.Random(7, countIPv4, countIPv6);
        byte[] bytes = NodeStateCodec.Encode(state);
        Assert.InRange(bytes.Length, 1, NodeStateCodec.SizeMax);
        Assert.Equal(NodeStateError.None, NodeStateCodec.TryDecode(bytes, out NodeState? read));
        SampleStates.AssertSame(state, read);
        Assert.Equal(bytes, NodeStateCodec.Encode(read!));
    }

    [Fact]
    public void EachIdMayBeAbsent()
    {
        NodeState whole = SampleStates.Random(8, 2, 2);
        foreach (NodeState state in (NodeState[])[new(), whole with { IdIPv4 = null }, whole with { IdIPv6 = null }])
        {
            Assert.Equal(
                NodeStateError.None, NodeStateCodec.TryDecode(NodeStateCodec.Encode(state), out NodeState? read));
            SampleStates.AssertSame(state, read);
        }
    }

    [Fact]
    public void TheBytes_StayWhatTheyAre()
    {
        var id = new NodeId("abcdefghij0123456789"u8);
        var state = new NodeState
        {
            IdIPv4 = id,
            Contacts = [new CompactNode(id, Endpoint.Parse("[::1]:258")), new CompactNode(
                id, Endpoint.Parse("65.66.67.68:17734"))],
        };
        const string payload =
            "d2:id20:abcdefghij01234567895:nodes26:abcdefghij0123456789ABCDEF"
            + "6:nodes638:abcdefghij0123456789\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\u0001\u0001\u0002e";
        Assert.Equal(WithHeader(Encoding.Latin1.GetBytes(payload)), NodeStateCodec.Encode(state));
    }

    /// <summary>As a program may have written it that keeps IPv4 contacts in IPv6 form.</summary>
    [Fact]
    public void AnIPv4ContactInsideAnIPv6One_IsTheIPv4Contact()
    {
        var id = new NodeId("abcdefghij0123456789"u8);
        const string payload =
            "d6:nodes638:abcdefghij0123456789\0\0\0\0\0\0\0\0\0\0\u00ff\u00ff\u0001\u0002\u0003\u0004\u0001\u0002e";
        byte[] bytes = WithHeader(Encoding.Latin1.GetBytes(payload));

        Assert.Equal(NodeStateError.None, NodeStateCodec.TryDecode(bytes, out NodeState? read));
        CompactNode contact = new(id, Endpoint.Parse("1.2.3.4:258"));
        Assert.Equal([contact], read!.Contacts);
        var mapped = new CompactNode(id, Endpoint.Parse("[::ffff:1.2.3.4]:258"));
        Assert.Equal(
            NodeStateCodec.Encode(read), NodeStateCodec.Encode(new NodeState { Contacts = [mapped] }));
    }

    [Fact]
    public void MoreContactsThanFit_TheFirstOfEachFamilyAreKept()
    {
        NodeState state = SampleStates.Random(9, NodeStateCodec.ContactsMax + 5, NodeStateCodec.ContactsMax + 6);
        Assert.Equal(NodeStateError.None, NodeStateCodec.TryDecode(NodeStateCodec.Encode(state), out NodeState? read));
        Assert.Equal(2 * NodeStateCodec.ContactsMax, read!.Contacts.Count);
        Assert.Equal(
            state.Contacts.Where(c => c.Endpoint.IsIPv4).Take(NodeStateCodec.ContactsMax),
            read.Contacts.Take(NodeStateCodec.ContactsMax));
        Assert.Equal(
            state.Contacts.Where(c => c.Endpoint.IsIPv6).Take(NodeStateCodec.ContactsMax),
            read.Contacts.Skip(NodeStateCodec.ContactsMax));
    }

    [Fact]
    public void AContactWithoutAddress_IsMisuse() =>
        Assert.Throws<ArgumentException>(() => NodeStateCodec.Encode(new NodeState { Contacts = [default] }));

    [Fact]
    public void EveryTruncation_IsRefused()
    {
        byte[] bytes = NodeStateCodec.Encode(SampleStates.Random(10, 9, 7));
        for (int length = 0; length < bytes.Length; length++)
        {
            NodeStateError error = NodeStateCodec.TryDecode(bytes.AsSpan(0, length), out NodeState? state);
            Assert.Null(state);
            Assert.Equal(length < 16 ? NodeStateError.TooShort : NodeStateError.Checksum, error);
        }
    }

    [Fact]
    public void EveryFlipOfAByte_IsRefused()
    {
        byte[] bytes = NodeStateCodec.Encode(SampleStates.Random(11, 3, 2));
        for (int i = 0; i < bytes.Length; i++)
        {
            for (int mask = 1; mask < 256; mask++)
            {
                bytes[i] ^= (byte)mask;
                NodeStateError error = NodeStateCodec.TryDecode(bytes, out NodeState? state);
                bytes[i] ^= (byte)mask;
                Assert.True(state == null && error != NodeStateError.None, $"byte {i}, mask {mask}: {error}");
                NodeStateError[] expected = i switch
                {
                    < 8 => [NodeStateError.NotAState],
                    < 12 => [NodeStateError.NewerVersion, NodeStateError.Malformed],
                    _ => [NodeStateError.Checksum],
                };
                Assert.Contains(error, expected);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void AnyBytes_GiveAnErrorOrAState(ulong seed)
    {
        var random = new SeededRandomSource(seed);
        byte[] whole = NodeStateCodec.Encode(SampleStates.Random(seed, 4, 4));
        for (int round = 0; round < 20_000; round++)
        {
            byte[] payload = new byte[random.Next(64)];
            random.Fill(payload);
            if (round % 2 == 0)
            {
                // A valid payload with a few bytes altered, so that much of it still parses.
                payload = whole[16..];
                for (int change = random.Next(4); change >= 0; change--)
                {
                    payload[random.Next(payload.Length)] = (byte)"de:0123456789il"[random.Next(15)];
                }
            }

            // Mostly with a sum that is right, so that the content is looked at.
            byte[] bytes = WithHeader(payload);
            if (round % 5 == 0)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.NextUInt32();
            }

            NodeStateError error = NodeStateCodec.TryDecode(bytes, out NodeState? state);
            Assert.True(state == null == (error != NodeStateError.None), $"seed {seed}, round {round}: {error}");
            if (state != null)
            {
                Assert.Equal(
                    NodeStateError.None, NodeStateCodec.TryDecode(NodeStateCodec.Encode(state), out NodeState? again));
                SampleStates.AssertSame(state, again);
            }
        }
    }

    [Fact]
    public void ContentThatIsNoState_IsMalformed()
    {
        string id = new('i', 20);
        foreach (string payload in (string[])
        [
            "", "i1e", "le", "d", "de!", "d2:idi1ee", "d2:id19:" + id[1..] + "e", "d2:id21:i" + id
                + "e", "d3:id6lee", "d5:nodes25:" + id + "iiiiie",
            "d5:nodesi5ee", "d6:nodes626:" + id + "iiiiiie", "d5:nodes0:2:id20:" + id + "e", "d2:id20:" + id + "2:id20:"
                + id + "e",
            "d5:nodes" + Krpc.Wire.Str(new string('n', 26 * (NodeStateCodec.ContactsMax + 1))) + "e",
        ])
        {
            Assert.Equal(
                NodeStateError.Malformed,
                NodeStateCodec.TryDecode(WithHeader(Encoding.Latin1.GetBytes(payload)), out _));
        }

        byte[] unknownKey = WithHeader("d2:hi5:there5:nodes0:e"u8);
        Assert.Equal(NodeStateError.None, NodeStateCodec.TryDecode(unknownKey, out NodeState? state));
        Assert.Empty(state!.Contacts);
    }

    [Fact]
    public void BytesBeyondTheLimit_AreTooMany()
    {
        byte[] payload = new BencodeBuilder { ["x"] = new byte[NodeStateCodec.SizeMax - 16 - 13] }.ToValue().ToBytes();
        byte[] bytes = WithHeader(payload);
        Assert.Equal(NodeStateCodec.SizeMax, bytes.Length);
        Assert.Equal(NodeStateError.None, NodeStateCodec.TryDecode(bytes, out _));
        Assert.Equal(NodeStateError.TooLong, NodeStateCodec.TryDecode([.. bytes, 0], out _));
    }

    [Fact]
    public void ANewerVersion_IsToldApart()
    {
        byte[] bytes = WithHeader("de"u8);
        bytes[11] = 2;
        Assert.Equal(NodeStateError.NewerVersion, NodeStateCodec.TryDecode(bytes, out _));
    }

    private static byte[] WithHeader(ReadOnlySpan<byte> payload)
    {
        byte[] bytes = [.. "DhtState"u8, 0, 0, 0, 1, 0, 0, 0, 0, .. payload];
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(12), Crc32C.Compute(payload));
        return bytes;
    }
}
