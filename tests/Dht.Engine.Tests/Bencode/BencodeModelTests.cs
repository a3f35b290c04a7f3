using Dht.Engine.Bencode;

namespace Dht.Engine.Tests.Bencode;

/// <summary>Reader, scanner, writer and document model held against each other over documents from seeds.</summary>
public sealed class BencodeModelTests
{
    private const int Seeds = 1_500;

    [Fact]
    public void What_is_encoded_parses_to_an_equal_document_and_encodes_the_same_again()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            BencodeValue document = RandomDocuments.Create(seed);
            byte[] encoded = document.ToBytes();
            bool parsed = BencodeValue.TryParse(
                encoded, BencodeMode.Strict, out BencodeValue? back, out BencodeError error, out int end);

            Assert.True(parsed, $"seed {seed}: {error} at {end}");
            Assert.True(
                document.Equals(back) && document.GetHashCode() == back.GetHashCode(),
                $"seed {seed}: {document} became {back}");
            Assert.True(back.ToBytes().AsSpan().SequenceEqual(encoded), $"seed {seed}: encodes differently");
            Assert.True(end == encoded.Length && document.EncodedLength == end, $"seed {seed}: length {end}");
        }
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        for (int seed = 0; seed < Seeds / 5; seed++)
        {
            byte[] encoded = RandomDocuments.Create(seed).ToBytes();
            for (int length = 0; length < encoded.Length; length++)
            {
                foreach (BencodeMode mode in Enum.GetValues<BencodeMode>())
                {
                    BencodeReader reader = new(encoded.AsSpan(0, length), mode);
                    while (reader.Read())
                    {
                    }

                    Assert.True(
                        reader.Error == BencodeError.UnexpectedEnd,
                        $"seed {seed}, {length} bytes, {mode}: {reader.Error}");
                }
            }
        }
    }

    [Fact]
    public void Every_change_of_one_byte_is_refused_or_harmless()
    {
        for (int seed = 0; seed < 12; seed++)
        {
            byte[] changed = RandomDocuments.Create(seed).ToBytes();
            for (int at = 0; at < Math.Min(changed.Length, 150); at++)
            {
                byte original = changed[at];
                for (int value = 0; value < 256; value++)
                {
                    changed[at] = (byte)value;
                    CheckAgreement(changed, $"seed {seed}, byte {at} set to {value}");
                }

                changed[at] = original;
            }
        }
    }

    [Fact]
    public void Noise_is_refused_or_harmless()
    {
        ReadOnlySpan<byte> alphabet = "ddllee11223:::iii0-9a"u8;
        for (int seed = 0; seed < 20_000; seed++)
        {
            Random random = new(seed);
            byte[] noise = new byte[random.Next(24)];
            for (int i = 0; i < noise.Length; i++)
            {
                noise[i] = alphabet[random.Next(alphabet.Length)];
            }

            CheckAgreement(noise, $"seed {seed}");
        }
    }

    private static void CheckAgreement(byte[] data, string what)
    {
        bool strict = BencodeValue.TryParse(
            data, BencodeMode.Strict, out BencodeValue? canonical, out _, out int strictEnd);
        bool lenient = BencodeValue.TryParse(
            data, BencodeMode.Lenient, out BencodeValue? document, out BencodeError error, out int end);
        int position = 0;
        BencodeError skipError = BencodeScanner.SkipValue(data, ref position, 0);
        if (skipError != error || (lenient && position != end))
        {
            Assert.Fail($"{what}: the scanner skips to {position} ({skipError}), the reader to {end} ({error})");
        }

        if (!lenient)
        {
            Assert.False(strict, $"{what}: only strict accepts");
            return;
        }

        if (strict && (!document!.Equals(canonical) || !canonical!.ToBytes().AsSpan().SequenceEqual(data)
            || strictEnd != end
            || TokenTrace.Full(data, BencodeMode.Strict) != TokenTrace.Full(data, BencodeMode.Lenient)))
        {
            Assert.Fail($"{what}: strict and lenient read {Convert.ToHexString(data)} differently");
        }

        // Whatever was accepted has a canonical form that is stable.
        bool again = BencodeValue.TryParse(document!.ToBytes(), BencodeMode.Strict, out BencodeValue? second);
        Assert.True(
            again && document.Equals(second),
            $"{what}: the canonical form of {Convert.ToHexString(data)} is not stable");
    }
}
