using Dht.Engine.Bencode;

namespace Dht.Engine.Fuzz.Targets;

/// <summary>What reader, scanner and document model must agree on whatever the bytes are.</summary>
public abstract class BencodeTarget : IFuzzTarget
{
    // A skip at every start would make deep inputs cost the square of their depth; what matters happens near the top
    // and the limit.
    private const int SkippedAboveDepth = 3;
    private const int SkippedFromDepth = BencodeReader.MaxDepth - 2;

    private readonly BencodeMode _mode;
    private readonly int[] _skippedTo = new int[BencodeReader.MaxDepth];

    /// <summary>A target that reads in one mode.</summary>
    private protected BencodeTarget(BencodeMode mode) => _mode = mode;

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        "i0e"u8.ToArray(),
        "i-9223372036854775808e"u8.ToArray(),
        "0:"u8.ToArray(),
        "4:spam"u8.ToArray(),
        "le"u8.ToArray(),
        "de"u8.ToArray(),
        "l4:spami-3elelleeede"u8.ToArray(),
        "d0:i1e1:ad1:bl1:cee2:aad1:bi1eee"u8.ToArray(),
        "d1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e1:q9:find_node1:t2:aa1:y1:qe"u8.ToArray(),
        ("d2:ip6:abcdef1:rd2:id20:abcdefghij01234567895:nodes26:abcdefghijklmnopqrstuvwxyze"u8
            + "1:t4:aabb1:v4:LT011:y1:re"u8).ToArray(),
        "d1:eli203e14:Protocol Errore1:t2:aa1:y1:ee"u8.ToArray(),
        "d1:rd2:id20:abcdefghij01234567895:token8:aoeusnth6:valuesl6:axje.u6:idhtnmee1:t2:aa1:y1:re"u8.ToArray(),
        ("d8:announce20:udp://tracker.ex:80/4:infod6:lengthi1024e4:name5:a.iso12:piece lengthi16384e"u8
            + "6:pieces20:abcdefghij0123456789ee"u8).ToArray(),
        "d1:md11:ut_metadatai3ee13:metadata_sizei31235ee"u8.ToArray(),
        "d8:msg_typei1e5:piecei0e10:total_sizei34256ee"u8.ToArray(),
        [.. "d"u8, .. Enumerable.Repeat("1:kd"u8.ToArray(), 62).SelectMany(static level => level),
            .. Enumerable.Repeat((byte)'e', 63)],
    ];

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> Dictionary { get; } =
    [
        "d"u8.ToArray(), "l"u8.ToArray(), "e"u8.ToArray(), "i"u8.ToArray(), ":"u8.ToArray(), "i0e"u8.ToArray(),
        "i-1e"u8.ToArray(),
        "i-0e"u8.ToArray(), "0:"u8.ToArray(), "1:a"u8.ToArray(), "1:b"u8.ToArray(), "2:aa"u8.ToArray(),
        "1:ai1e"u8.ToArray(),
        "le"u8.ToArray(), "de"u8.ToArray(), "d1:ai1ee"u8.ToArray(), "llllllll"u8.ToArray(), "eeeeeeee"u8.ToArray(),
        "d1:kd1:kd1:kd1:k"u8.ToArray(),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<string> Namespaces { get; } =
    [
        "Dht.Engine.Bencode.BencodeReader", "Dht.Engine.Bencode.BencodeScanner", "Dht.Engine.Bencode.BencodeValue",
        "Dht.Engine.Bencode.BencodePrinter", "Dht.Engine.Bencode.BencodeWriter",
    ];

    /// <inheritdoc/>
    public InputShape Shape => InputShape.Bencode;

    /// <inheritdoc/>
    public int LengthMax => 384;

    /// <inheritdoc/>
    public void Execute(ReadOnlySpan<byte> input)
    {
        AllocationWatch.Start();
        BencodeReader reader = CheckTokens(input);
        CheckSkip(input, reader);
        CheckAgainstLenient(input, reader);
        AllocationWatch.Stop();
        CheckDocument(input, reader);
    }

    /// <summary>
    /// Reads all tokens: they lie side by side from the first byte on, and every start ends where a skip over it
    /// ends.
    /// </summary>
    private BencodeReader CheckTokens(ReadOnlySpan<byte> input)
    {
        BencodeReader reader = new(input, _mode);
        int end = 0;
        int depth = 0;
        (BencodeError Error, int Position)? skipFailure = null;
        while (reader.Read())
        {
            FuzzFailureException.Require(reader.TokenStart == end && reader.Position > end, "tokens lie side by side");
            FuzzFailureException.Require(reader.Position <= input.Length, "tokens lie within the data");
            end = reader.Position;
            bool isStart = reader.Token is BencodeToken.ListStart or BencodeToken.DictionaryStart;
            bool isEnd = reader.Token is BencodeToken.ListEnd or BencodeToken.DictionaryEnd;
            depth += isStart ? 1 : isEnd ? -1 : 0;
            FuzzFailureException.Require(
                reader.Depth == depth && depth <= BencodeReader.MaxDepth, "the depth is right");
            bool isSkipped = depth + (isEnd ? 1 : 0) is < SkippedAboveDepth or >= SkippedFromDepth;
            if (isStart && isSkipped)
            {
                BencodeReader skipper = reader;
                bool skipped = skipper.Skip();
                _skippedTo[depth - 1] = skipped ? skipper.Position : -1;
                skipFailure ??= skipped ? null : (skipper.Error, skipper.Position);
            }

            FuzzFailureException.Require(
                !isEnd || !isSkipped || _skippedTo[depth] == end, "a skip ends where the tokens end");
        }

        FuzzFailureException.Require(
            reader.IsComplete || reader.Error != BencodeError.None, "a reading ends well or with an error");
        FuzzFailureException.Require(reader.Position == end, "the position of an error is the end of the last token");
        FuzzFailureException.Require(
            skipFailure is null || skipFailure == (reader.Error, reader.Position), "a skip fails as the tokens fail");
        return reader;
    }

    /// <summary>The reader's skip over everything, and the scanner's, against the tokens.</summary>
    private void CheckSkip(ReadOnlySpan<byte> input, BencodeReader expected)
    {
        BencodeReader reader = new(input, _mode);
        if (reader.Skip(out ReadOnlySpan<byte> encoded))
        {
            FuzzFailureException.Require(
                input.StartsWith(encoded) && encoded.Length == reader.Position, "a skip hands out its bytes");
            reader.Read();
        }

        FuzzFailureException.Require(
            reader.Error == expected.Error
                && reader.Position == expected.Position, "a skip over everything agrees with the tokens");
        int position = 0;
        BencodeError error = BencodeScanner.SkipValue(input, ref position, 0);
        bool orderMatters =
            expected.Error is BencodeError.UnsortedKey or BencodeError.DuplicateKey or BencodeError.TrailingBytes;
        FuzzFailureException.Require(orderMatters || error == expected.Error, "the scanner's skip agrees on the error");
        FuzzFailureException.Require(
            position == (error == BencodeError.None ? expected.Position : 0) || orderMatters, "and on the end");
    }

    /// <summary>As far as strict reads, lenient reads the same.</summary>
    private static void CheckAgainstLenient(ReadOnlySpan<byte> input, BencodeReader expected)
    {
        BencodeReader strict = new(input, BencodeMode.Strict);
        BencodeReader lenient = new(input, BencodeMode.Lenient);
        while (strict.Read())
        {
            bool same = lenient.Read() && lenient.Token == strict.Token && lenient.Position == strict.Position
                && lenient.Integer == strict.Integer && lenient.Value == strict.Value;
            FuzzFailureException.Require(same, "lenient reads the tokens that strict reads");
        }

        bool strictOnly =
            strict.Error is BencodeError.UnsortedKey or BencodeError.DuplicateKey or BencodeError.TrailingBytes;
        FuzzFailureException.Require(
            strictOnly || (!lenient.Read() && lenient.Error == strict.Error),
            "lenient ends as strict ends but for order and trailing bytes");
        FuzzFailureException.Require(!strict.IsComplete || expected.IsComplete, "what strict accepts is accepted");
    }

    /// <summary>The document model accepts what the reader accepts, and its encoding is canonical and stable.</summary>
    private void CheckDocument(ReadOnlySpan<byte> input, BencodeReader expected)
    {
        bool parsed = BencodeValue.TryParse(
            input, _mode, out BencodeValue? document, out BencodeError error, out int position);
        FuzzFailureException.Require(
            parsed == expected.IsComplete
                && error == expected.Error
                && position == expected.Position, "the document agrees with the tokens");
        if (!parsed)
        {
            return;
        }

        byte[] encoded = document!.ToBytes();
        FuzzFailureException.Require(
            _mode == BencodeMode.Lenient || input.SequenceEqual(encoded), "strict data is its document's encoding");
        bool again = BencodeValue.TryParse(encoded, BencodeMode.Strict, out BencodeValue? second);
        FuzzFailureException.Require(again && document.Equals(second), "the encoding parses to an equal document");
        FuzzFailureException.Require(
            document.GetHashCode() == second!.GetHashCode(), "equal documents have equal hash codes");
        FuzzFailureException.Require(
            !HasControls(document.ToString()), "the printed document has no control characters");
    }

    private static bool HasControls(ReadOnlySpan<char> text) =>
        text.ContainsAnyInRange('\0', '\x1F') || text.ContainsAnyInRange('\x7F', '\x9F');
}
