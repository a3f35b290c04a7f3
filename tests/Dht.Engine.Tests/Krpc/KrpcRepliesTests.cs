using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Krpc;

public sealed class KrpcRepliesTests
{
    private static readonly NodeId B = new(Bytes(IdB));
    private static readonly Endpoint Asker = Endpoint.Parse("127.0.0.1:6881");

    private delegate int Writer(Span<byte> destination, in KrpcEnvelope envelope);

    private static readonly string[] AllKinds =
        ["pong", "nodes", "no nodes", "nodes6", "peers", "no peers", "peers6", "samples", "error"];

    public static TheoryData<string> Kinds => [.. AllKinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AReply_IsCanonicalAndParses(string kind)
    {
        byte[] room = new byte[2048];
        int length = WriterOf(kind)(room, Envelope("aa"u8));
        ReadOnlySpan<byte> written = room.AsSpan(0, length);
        Assert.True(CanonicalWalk.IsCanonical(written), Text(written));
        Assert.Equal(KrpcFault.None, KrpcProbe.ParseAndRead(written));
        KrpcMessage.Parse(written, out KrpcMessage message);
        Assert.Equal(KrpcBodyFault.None, message.BodyFault);
        Assert.Equal("aa", Text(message.TransactionId));
        Assert.Equal("DE\0\u0001", Text(message.Version));
        Assert.Equal(kind == "error" ? KrpcKind.Error : KrpcKind.Response, message.Kind);
        Assert.Equal(kind != "error" ? B : default, message.SenderId);
        Assert.True(message.TryGetObservedEndpoint(out Endpoint observed));
        Assert.Equal(Asker, observed);
        Assert.Equal(kind is "nodes" or "peers" or "peers6" or "samples" ? 2 : 0, message.Nodes.Count);
        Assert.Equal(kind is "nodes6" or "peers6" or "samples" ? 1 : 0, message.Nodes6.Count);
        Assert.Equal(kind is "peers" or "peers6", message.HasValues);
        Assert.Equal(kind is "peers" or "no peers" or "peers6", message.HasToken);
        Assert.Equal(kind == "samples", message.HasSamples);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void EveryShorterDestination_YieldsZero(string kind)
    {
        byte[] room = new byte[2048];
        Writer write = WriterOf(kind);
        int length = write(room, Envelope("abcd"u8));
        for (int size = 0; size < length; size++)
        {
            Assert.Equal(0, write(room.AsSpan(0, size), Envelope("abcd"u8)));
        }

        Assert.Equal(length, write(room.AsSpan(0, length), Envelope("abcd"u8)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TransactionIdsOfOneTo255Bytes_AreEchoed(string kind)
    {
        byte[] room = new byte[2048];
        for (int size = 1; size <= 255; size++)
        {
            byte[] id = Bytes(Fill(size, size));
            int length = WriterOf(kind)(room, Envelope(id));
            KrpcMessage.Parse(room.AsSpan(0, length), out KrpcMessage message);
            Assert.True(message.TransactionId.SequenceEqual(id));
        }
    }

    [Fact]
    public void NodesArePresentEvenWhenEmpty()
    {
        byte[] room = new byte[256];
        int length = KrpcReplies.WriteNodes(room, Envelope("aa"u8), new KrpcContacts { Families = IpFamily.Both });
        Assert.Contains("5:nodes0:6:nodes60:", Text(room.AsSpan(0, length)), StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutVersionOrRequester_TheyAreLeftOut()
    {
        byte[] room = new byte[256];
        int length = KrpcReplies.WritePong(room, new KrpcEnvelope { Id = B, TransactionId = "aa"u8 });
        Assert.Equal(Text(KrpcSamples.Get("pong")), Text(room.AsSpan(0, length)));
    }

    [Fact]
    public void APeerSizeThatIsNone_IsRefused()
    {
        foreach (int size in new[] { 0, -1, 5, 7 })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() =>
                KrpcReplies.WritePeers(new byte[512], Envelope("aa"u8), default, "t"u8, new byte[36], size));
        }
    }

    [Fact]
    public void Writing_AllocatesNothing()
    {
        Writer[] writers = [.. AllKinds.Select(WriterOf)];
        byte[] room = new byte[2048];
        Assert.Equal(0, AllocationGuard.OnThread((writers, room), static state =>
        {
            for (int i = 0; i < 100; i++)
            {
                foreach (Writer write in state.writers)
                {
                    write(state.room, Envelope("abcd"u8));
                }
            }
        }));
    }

    private static KrpcEnvelope Envelope(ReadOnlySpan<byte> transactionId) =>
        new() { Id = B, TransactionId = transactionId, Version = "DE\0\u0001"u8, Requester = Asker };

    private static Writer WriterOf(string kind)
    {
        byte[] contacts = Bytes(Fill(2 * 26));
        byte[] contacts6 = Bytes(Fill(38));
        byte[] peers = Bytes(Fill(36));
        return kind switch
        {
            "nodes" => (room, in envelope) => KrpcReplies.WriteNodes(room, envelope, Contacts(contacts, null)),
            "no nodes" => (room, in envelope) => KrpcReplies.WriteNodes(room, envelope, Contacts([], null)),
            "nodes6" => (room, in envelope) => KrpcReplies.WriteNodes(room, envelope, Contacts(null, contacts6)),
            "peers" =>
                (room, in envelope) => KrpcReplies.WritePeers(
                    room, envelope, Contacts(contacts, null), "12345678"u8, peers, 6),
            "no peers" =>
                (room, in envelope) => KrpcReplies.WritePeers(
                    room, envelope, Contacts([], []), "12345678"u8, default, 6),
            "peers6" =>
                (room, in envelope) => KrpcReplies.WritePeers(
                    room, envelope, Contacts(contacts, contacts6), "1"u8, peers, 18),
            "samples" => (room, in envelope) =>
                KrpcReplies.WriteSamples(
                    room, envelope, Contacts(contacts, contacts6), 60, long.MaxValue, contacts6.AsSpan(0, 20)),
            "error" => (room, in envelope) => KrpcReplies.WriteError(room, envelope, 203, "bad token"u8),
            _ => KrpcReplies.WritePong,
        };
    }

    private static KrpcContacts Contacts(byte[]? nodes, byte[]? nodes6) => new()
    {
        Families = (nodes == null ? IpFamily.None : IpFamily.IPv4) | (nodes6 == null ? IpFamily.None : IpFamily.IPv6),
        Nodes = nodes,
        Nodes6 = nodes6,
    };
}
