using System.Runtime.CompilerServices;
using Dht.Engine.Addressing;
using Dht.Engine.Bencode;
using Dht.Engine.Identity;

namespace Dht.Engine.Krpc;

/// <summary>
/// The one pass over a datagram that fills a <see cref="KrpcMessage"/>. Keys are taken in any order (BEP 5 asks for
/// sorted ones; not every sender obeys); unknown keys are stepped over but must be sound bencode. A string, list or
/// body that has been taken and comes again refuses the message; if a number appears twice, the later wins.
/// </summary>
internal static class KrpcParser
{
    private const int DatagramSizeMax = ushort.MaxValue;
    private const int TransactionIdSizeMax = 255;
    private const int IntervalMax = 21_600;

    public static KrpcFault Parse(ReadOnlySpan<byte> datagram, out KrpcMessage message)
    {
        message = default;
        if (datagram.Length < 2 || datagram[0] != (byte)'d')
        {
            return KrpcFault.NotKrpc;
        }

        if (datagram.Length > DatagramSizeMax)
        {
            return KrpcFault.TooLong;
        }

        message.Datagram = datagram;
        int position = 1;
        KrpcFault fault = ParseEnvelope(datagram, ref position, ref message);
        message.TrailingBytes = datagram.Length - position;
        return fault != KrpcFault.None ? fault : Judge(ref message);
    }

    private static KrpcFault ParseEnvelope(ReadOnlySpan<byte> data, ref int position, ref KrpcMessage message)
    {
        while (true)
        {
            if ((uint)position >= (uint)data.Length)
            {
                return KrpcFault.BadBencode;
            }

            if (data[position] == (byte)'e')
            {
                position++;
                return KrpcFault.None;
            }

            if (BencodeScanner.ScanString(data, ref position, out int start, out int length) != BencodeError.None)
            {
                return KrpcFault.BadBencode;
            }

            KrpcFault fault;
            if (length == 1)
            {
                fault = data[start] switch
                {
                    (byte)'a' or (byte)'r' => ParseBody(data, data[start], ref position, ref message),
                    (byte)'t' => TakeString(data, ref position, ref message.TransactionIdRange),
                    (byte)'y' => ParseKind(data, ref position, ref message),
                    (byte)'q' => TakeString(data, ref position, ref message.MethodRange),
                    (byte)'v' => TakeString(data, ref position, ref message.VersionRange),
                    (byte)'e' => ParseError(data, ref position, ref message),
                    _ => SkipValue(data, ref position, 1),
                };
            }
            else if (length == 2 && data.Slice(start, 2).SequenceEqual("ip"u8))
            {
                fault = TakeString(data, ref position, ref message.ObservedRange);
            }
            else if (length == 2 && data.Slice(start, 2).SequenceEqual("ro"u8))
            {
                fault = TakeInteger(data, ref position, 1, out long value);
                message.IsReadOnly = value == 1;
            }
            else
            {
                fault = SkipValue(data, ref position, 1);
            }

            if (fault != KrpcFault.None)
            {
                return fault;
            }
        }
    }

    /// <summary>What must be there, once everything has been read, by kind.</summary>
    private static KrpcFault Judge(ref KrpcMessage message)
    {
        if (message.TransactionIdRange.Length is 0 or > TransactionIdSizeMax)
        {
            return KrpcFault.BadTransactionId;
        }

        if (message.HasUnknownKind)
        {
            return KrpcFault.UnknownKind;
        }

        switch (message.Kind)
        {
            case KrpcKind.None:
                return KrpcFault.MissingKind;
            case KrpcKind.Query when !message.MethodRange.IsPresent:
                message.BodyFault = KrpcBodyFault.MissingMethod;
                return KrpcFault.None;
            case KrpcKind.Query:
                message.Method = MethodOf(message.MethodName);
                break;
            case KrpcKind.Error:
                message.BodyFault = message.ErrorCode == 0 ? KrpcBodyFault.BadBody : KrpcBodyFault.None;
                return KrpcFault.None;
        }

        // A dictionary under the other kind's key is not a body: arguments are not to be taken for results, nor the
        // other way round.
        byte bodyKey = message.Kind == KrpcKind.Query ? (byte)'a' : (byte)'r';
        message.BodyFault = message.BodyKey != bodyKey ? KrpcBodyFault.BadBody
            : !message.IdRange.IsPresent ? KrpcBodyFault.BadId
            : KrpcBodyFault.None;
        return KrpcFault.None;
    }

    /// <summary>The dictionary <c>a</c> or <c>r</c>. Another type is sound bencode but not a body.</summary>
    private static KrpcFault ParseBody(ReadOnlySpan<byte> data, byte key, ref int position, ref KrpcMessage message)
    {
        if ((uint)position >= (uint)data.Length)
        {
            return KrpcFault.BadBencode;
        }

        if (data[position] != (byte)'d')
        {
            return SkipValue(data, ref position, 1);
        }

        if (message.BodyRange.IsPresent)
        {
            return KrpcFault.DuplicateKey;
        }

        message.BodyKey = key;
        int bodyStart = position++;
        while (true)
        {
            if ((uint)position >= (uint)data.Length)
            {
                return KrpcFault.BadBencode;
            }

            if (data[position] == (byte)'e')
            {
                position++;
                message.BodyRange = new ByteRange((ushort)bodyStart, (ushort)(position - bodyStart));
                return KrpcFault.None;
            }

            if (BencodeScanner.ScanString(data, ref position, out int start, out int length) != BencodeError.None)
            {
                return KrpcFault.BadBencode;
            }

            KrpcFault fault = ParseBodyValue(data, data.Slice(start, length), ref position, ref message);
            if (fault != KrpcFault.None)
            {
                return fault;
            }
        }
    }

    private static KrpcFault ParseBodyValue(
        ReadOnlySpan<byte> data, ReadOnlySpan<byte> key, ref int position, ref KrpcMessage message)
    {
        switch (key.Length)
        {
            case 2 when key.SequenceEqual("id"u8):
                return TakeId(data, ref position, ref message.IdRange);
            case 3 when key.SequenceEqual("num"u8):
                KrpcFault fault = TakeInteger(data, ref position, 2, out long num);
                message.Num = Math.Max(0, num);
                return fault;
            case 4 when key.SequenceEqual("port"u8):
                fault = TakeInteger(data, ref position, 2, out long port);
                message.Port = port is > 0 and <= ushort.MaxValue ? (ushort)port : (ushort)0;
                return fault;
            case 4 when key.SequenceEqual("want"u8):
                return ParseWant(data, ref position, ref message);
            case 5 when key.SequenceEqual("nodes"u8):
                return TakeString(data, ref position, ref message.NodesRange);
            case 5 when key.SequenceEqual("token"u8):
                return TakeString(data, ref position, ref message.TokenRange);
            case 6 when key.SequenceEqual("target"u8):
                return TakeId(data, ref position, ref message.TargetRange);
            case 6 when key.SequenceEqual("nodes6"u8):
                return TakeString(data, ref position, ref message.Nodes6Range);
            case 6 when key.SequenceEqual("values"u8):
                return TakeList(data, ref position, ref message.ValuesRange);
            case 7 when key.SequenceEqual("samples"u8):
                return TakeString(data, ref position, ref message.SamplesRange);
            case 8 when key.SequenceEqual("interval"u8):
                fault = TakeInteger(data, ref position, 2, out long interval);
                message.Interval = (int)Math.Clamp(interval, 0, IntervalMax);
                return fault;
            case 9 when key.SequenceEqual("info_hash"u8):
                return TakeId(data, ref position, ref message.InfoHashRange);
            case 12 when key.SequenceEqual("implied_port"u8):
                fault = TakeInteger(data, ref position, 2, out long implied);
                message.ImpliedPort = implied != 0;
                return fault;
            default:
                return SkipValue(data, ref position, 2);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static KrpcFault TakeString(ReadOnlySpan<byte> data, ref int position, ref ByteRange range)
    {
        if (range.IsPresent)
        {
            return KrpcFault.DuplicateKey;
        }

        if (BencodeScanner.ScanString(data, ref position, out int start, out int length) == BencodeError.None)
        {
            range = new ByteRange((ushort)start, (ushort)length);
            return KrpcFault.None;
        }

        // Of another type: absent, but it must be sound.
        return SkipValue(data, ref position, 2);
    }

    private static KrpcFault TakeId(ReadOnlySpan<byte> data, ref int position, ref ByteRange range)
    {
        var taken = range;
        KrpcFault fault = TakeString(data, ref position, ref taken);
        if (taken.Length == NodeId.Size)
        {
            range = taken;
        }

        return fault;
    }

    private static KrpcFault TakeInteger(ReadOnlySpan<byte> data, ref int position, int depth, out long value)
    {
        // An integer beyond 64 bits is absent, as is what is of another type: others answer such a message, too.
        return BencodeScanner.ScanInteger(data, ref position, out value) == BencodeError.None
            ? KrpcFault.None
            : SkipValue(data, ref position, depth);
    }

    private static KrpcFault TakeList(ReadOnlySpan<byte> data, ref int position, ref ByteRange range)
    {
        int start = position;
        KrpcFault fault = SkipValue(data, ref position, 2, out bool isList);
        if (!isList)
        {
            return fault;
        }

        if (range.IsPresent)
        {
            return KrpcFault.DuplicateKey;
        }

        range = new ByteRange((ushort)start, (ushort)(position - start));
        return KrpcFault.None;
    }

    private static KrpcFault ParseKind(ReadOnlySpan<byte> data, ref int position, ref KrpcMessage message)
    {
        ByteRange range = default;
        KrpcFault fault = TakeString(data, ref position, ref range);
        if (fault != KrpcFault.None || !range.IsPresent)
        {
            return fault;
        }

        if (message.Kind != KrpcKind.None)
        {
            return KrpcFault.DuplicateKey;
        }

        message.Kind = range.Length != 1 ? KrpcKind.None : data[range.Start] switch
        {
            (byte)'q' => KrpcKind.Query,
            (byte)'r' => KrpcKind.Response,
            (byte)'e' => KrpcKind.Error,
            _ => KrpcKind.None,
        };
        if (message.Kind == KrpcKind.None)
        {
            // Judged once the whole message is known to be sound, so that broken bencode is told from an unknown kind.
            message.HasUnknownKind = true;
        }

        return KrpcFault.None;
    }

    /// <summary><c>e</c> is [code, text]; anything else leaves the code 0.</summary>
    private static KrpcFault ParseError(ReadOnlySpan<byte> data, ref int position, ref KrpcMessage message)
    {
        int inner = position + 1;
        KrpcFault fault = SkipValue(data, ref position, 1, out bool isList);
        if (!isList)
        {
            return fault;
        }

        if (BencodeScanner.ScanInteger(data, ref inner, out long code) == BencodeError.None
            && BencodeScanner.ScanString(data, ref inner, out int textStart, out int textLength) == BencodeError.None)
        {
            message.ErrorCode = (int)Math.Clamp(code, int.MinValue, int.MaxValue);
            message.ErrorTextRange = new ByteRange((ushort)textStart, (ushort)textLength);
        }

        return KrpcFault.None;
    }

    private static KrpcFault ParseWant(ReadOnlySpan<byte> data, ref int position, ref KrpcMessage message)
    {
        int inner = position + 1;
        KrpcFault fault = SkipValue(data, ref position, 2, out bool isList);
        if (!isList)
        {
            return fault;
        }

        while (BencodeScanner.ScanString(data, ref inner, out int at, out int length) == BencodeError.None)
        {
            ReadOnlySpan<byte> family = data.Slice(at, length);
            message.Want |= family.SequenceEqual("n4"u8) ? IpFamily.IPv4
                : family.SequenceEqual("n6"u8) ? IpFamily.IPv6
                : IpFamily.None;
        }

        return KrpcFault.None;
    }

    /// <summary>Steps over a value and says whether it was a sound list.</summary>
    private static KrpcFault SkipValue(ReadOnlySpan<byte> data, ref int position, int depth, out bool isList)
    {
        int start = position;
        KrpcFault fault = SkipValue(data, ref position, depth);
        isList = fault == KrpcFault.None && data[start] == (byte)'l';
        return fault;
    }

    private static KrpcFault SkipValue(ReadOnlySpan<byte> data, ref int position, int depth) =>
        BencodeScanner.SkipValue(data, ref position, depth, anySize: true) == BencodeError.None
            ? KrpcFault.None
            : KrpcFault.BadBencode;

    internal static KrpcMethod MethodOf(ReadOnlySpan<byte> name) => name.Length switch
    {
        4 when name.SequenceEqual("ping"u8) => KrpcMethod.Ping,
        9 when name.SequenceEqual("find_node"u8) => KrpcMethod.FindNode,
        9 when name.SequenceEqual("get_peers"u8) => KrpcMethod.GetPeers,
        13 when name.SequenceEqual("announce_peer"u8) => KrpcMethod.AnnouncePeer,
        17 when name.SequenceEqual("sample_infohashes"u8) => KrpcMethod.SampleInfoHashes,
        _ => KrpcMethod.Other,
    };
}
