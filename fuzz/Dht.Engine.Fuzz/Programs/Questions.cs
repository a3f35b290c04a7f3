using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;

namespace Dht.Engine.Fuzz.Programs;

/// <summary>Writes queries as strangers ask them.</summary>
internal sealed class Questions
{
    /// <summary>The name of the method that handlers of the node programs answer.</summary>
    public const string CustomName = "twice";

    private readonly byte[] _datagram = new byte[1400];
    private readonly byte[] _token = new byte[32];
    private readonly byte[] _transactionId = new byte[255];
    private readonly byte[] _wanted = new byte[NodeId.Size];
    private int _tokenLength;

    /// <summary>Remembers the token of a reply, for an announcement.</summary>
    public void TakeToken(ReadOnlySpan<byte> token)
    {
        if (!token.IsEmpty && token.Length <= _token.Length)
        {
            token.CopyTo(_token);
            _tokenLength = token.Length;
        }
    }

    /// <summary>Forgets the token.</summary>
    public void Reset() => _tokenLength = 0;

    /// <summary>Writes a query; lives until the next call.</summary>
    /// <param name="asker">Who asks.</param>
    /// <param name="kind">
    /// What, modulo eight; the bits above say what is wanted, and whether the asker is read-only.
    /// </param>
    /// <param name="target">What it asks for; the bits above 63 choose the length of the transaction id.</param>
    /// <param name="self">The id of the node that is asked.</param>
    public ReadOnlySpan<byte> Write(byte asker, byte kind, byte target, in NodeId self)
    {
        KrpcEnvelope envelope = new()
        {
            Id = kind == 0xFF ? self : Strangers.IdOf(asker, self),
            TransactionId = _transactionId.AsSpan(0, target < 64 ? 2 : target < 128 ? 4 : target < 192 ? 20 : 255),
            ReadOnly = (kind & 0x20) != 0,
        };
        var want = (IpFamily)((kind >> 3) & 3);
        NodeId wanted = Strangers.TargetOf((byte)(target & 63), self);
        int length = (kind & 7) switch
        {
            0 => KrpcQueries.WritePing(_datagram, envelope),
            1 => KrpcQueries.WriteFindNode(_datagram, envelope, wanted, want),
            2 => KrpcQueries.WriteGetPeers(_datagram, envelope, new InfoHash(Bytes(wanted)), want),
            3 => KrpcQueries.WriteAnnouncePeer(
                _datagram, envelope, new InfoHash(Bytes(wanted)), (ushort)(kind * 7), (kind & 0x40) != 0,
                _token.AsSpan(0, _tokenLength)),
            4 => KrpcQueries.WriteSampleInfoHashes(_datagram, envelope, wanted, want),
            5 => KrpcQueries.WriteCustom(_datagram, envelope, "twice"u8, new Number(target)),
            6 => KrpcQueries.WriteCustom(_datagram, envelope, "vote"u8, new Number(target)),
            _ => KrpcQueries.WriteCustom(_datagram, envelope, "ping"u8, new Number(target)),
        };
        return _datagram.AsSpan(0, length);
    }

    private ReadOnlySpan<byte> Bytes(in NodeId id)
    {
        id.CopyTo(_wanted);
        return _wanted;
    }
}
