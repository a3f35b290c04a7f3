using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Krpc;

public sealed class KrpcQueriesTests
{
    private static readonly NodeId A = new(Bytes(IdA));
    private static readonly NodeId B = new(Bytes(IdB));

    private delegate int Writer(Span<byte> destination, in KrpcEnvelope envelope);

    [Theory]
    [InlineData("ping")]
    [InlineData("find_node")]
    [InlineData("find_node of both families")]
    [InlineData("get_peers")]
    [InlineData("announce_peer")]
    [InlineData("read-only")]
    [InlineData("sample_infohashes")]
    public void AQuery_IsWrittenAsTheBepsShowIt(string name)
    {
        byte[] expected = KrpcSamples.Get(name);
        byte[] written = new byte[KrpcQueries.SizeMax];
        var envelope = new KrpcEnvelope { Id = A, TransactionId = "aa"u8, ReadOnly = name == "read-only" };
        Assert.Equal(expected.Length, WriterOf(name)(written, envelope));
        Assert.Equal(Text(expected), Text(written.AsSpan(0, expected.Length)));
    }

    [Theory]
    [InlineData("ping")]
    [InlineData("find_node")]
    [InlineData("find_node of both families")]
    [InlineData("get_peers")]
    [InlineData("announce_peer")]
    [InlineData("sample_infohashes")]
    public void EveryShorterDestination_YieldsZero(string name)
    {
        Writer write = WriterOf(name);
        var envelope = new KrpcEnvelope { Id = A, TransactionId = "abcd"u8, Version = "DE\0\u0001"u8, ReadOnly = true };
        byte[] room = new byte[KrpcQueries.SizeMax];
        int length = write(room, envelope);
        Assert.True(CanonicalWalk.IsCanonical(room.AsSpan(0, length)));
        for (int size = 0; size < length; size++)
        {
            Assert.Equal(0, write(room.AsSpan(0, size), envelope));
        }

        Assert.Equal(length, write(room.AsSpan(0, length), envelope));
    }

    [Fact]
    public void TransactionIdsOfOneTo255Bytes_GoThrough()
    {
        byte[] room = new byte[KrpcQueries.SizeMax];
        for (int size = 1; size <= 255; size++)
        {
            byte[] id = Bytes(Fill(size, size));
            var envelope = new KrpcEnvelope { Id = A, TransactionId = id };
            int length = KrpcQueries.WritePing(room, envelope);
            Assert.Equal(KrpcFault.None, KrpcProbe.ParseAndRead(room.AsSpan(0, length)));
            KrpcMessage.Parse(room.AsSpan(0, length), out KrpcMessage message);
            Assert.True(message.TransactionId.SequenceEqual(id));
        }
    }

    [Fact]
    public void TheLargestAnnounce_FitsSizeMax()
    {
        var envelope = new KrpcEnvelope
        {
            Id = A,
            TransactionId = new byte[255],
            Version = new byte[16],
            ReadOnly = true,
        };
        byte[] room = new byte[KrpcQueries.SizeMax];
        int length = KrpcQueries.WriteAnnouncePeer(
            room, envelope, new InfoHash(Bytes(IdB)), 65535, true, new byte[255]);
        Assert.InRange(length, 1, KrpcQueries.SizeMax);
        Assert.Equal(KrpcFault.None, KrpcProbe.ParseAndRead(room.AsSpan(0, length)));
    }

    [Fact]
    public void Writing_AllocatesNothing() =>
        Assert.Equal(0, AllocationGuard.OnThread(new byte[KrpcQueries.SizeMax], static room =>
    {
        var envelope = new KrpcEnvelope { Id = A, TransactionId = "abcd"u8, Version = "DE\0\u0001"u8, ReadOnly = true };
        for (int i = 0; i < 100; i++)
        {
            KrpcQueries.WritePing(room, envelope);
            KrpcQueries.WriteFindNode(room, envelope, B, IpFamily.Both);
            KrpcQueries.WriteGetPeers(room, envelope, default);
            KrpcQueries.WriteAnnouncePeer(room, envelope, default, 6881, true, "token"u8);
            KrpcQueries.WriteSampleInfoHashes(room, envelope, B);
        }
    }));

    private static Writer WriterOf(string name) => name switch
    {
        "find_node" => static (destination, in envelope) => KrpcQueries.WriteFindNode(destination, envelope, B),
        "find_node of both families" => static (destination, in envelope) =>
            KrpcQueries.WriteFindNode(destination, envelope, B, IpFamily.Both),
        "get_peers" =>
            static (destination, in envelope) => KrpcQueries.WriteGetPeers(
                destination, envelope, new InfoHash(Bytes(IdB))),
        "announce_peer" => static (destination, in envelope) =>
            KrpcQueries.WriteAnnouncePeer(destination, envelope, new InfoHash(Bytes(IdB)), 6881, true, "aoeusnth"u8),
        "sample_infohashes" =>
            static (destination, in envelope) => KrpcQueries.WriteSampleInfoHashes(destination, envelope, B),
        _ => KrpcQueries.WritePing,
    };
}
