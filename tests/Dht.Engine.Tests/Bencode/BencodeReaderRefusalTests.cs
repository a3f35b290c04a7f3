using System.Text;
using Dht.Engine.Bencode;

namespace Dht.Engine.Tests.Bencode;

public sealed class BencodeReaderRefusalTests
{
    [Theory]
    [InlineData("", BencodeError.UnexpectedEnd, 0)]
    [InlineData("d", BencodeError.UnexpectedEnd, 1)]
    [InlineData("l", BencodeError.UnexpectedEnd, 1)]
    [InlineData("i", BencodeError.UnexpectedEnd, 0)]
    [InlineData("i-", BencodeError.UnexpectedEnd, 0)]
    [InlineData("i12", BencodeError.UnexpectedEnd, 0)]
    [InlineData("5", BencodeError.UnexpectedEnd, 0)]
    [InlineData("5:", BencodeError.UnexpectedEnd, 0)]
    [InlineData("5:abc", BencodeError.UnexpectedEnd, 0)]
    [InlineData("12:abcdefghijk", BencodeError.UnexpectedEnd, 0)]
    [InlineData("123:abc", BencodeError.UnexpectedEnd, 0)]
    [InlineData("123", BencodeError.UnexpectedEnd, 0)]
    [InlineData("d1:ai1e", BencodeError.UnexpectedEnd, 7)]
    [InlineData("d1:a", BencodeError.UnexpectedEnd, 4)]
    [InlineData("d1:", BencodeError.UnexpectedEnd, 1)]
    [InlineData("lli1ee", BencodeError.UnexpectedEnd, 6)]
    [InlineData("1x:a", BencodeError.UnexpectedByte, 0)]
    [InlineData("1", BencodeError.UnexpectedEnd, 0)]
    [InlineData("x", BencodeError.UnexpectedByte, 0)]
    [InlineData("e", BencodeError.UnexpectedByte, 0)]
    [InlineData("-1:a", BencodeError.UnexpectedByte, 0)]
    [InlineData(":a", BencodeError.UnexpectedByte, 0)]
    [InlineData("I1e", BencodeError.UnexpectedByte, 0)]
    [InlineData("l e", BencodeError.UnexpectedByte, 1)]
    [InlineData("dxe", BencodeError.UnexpectedByte, 1)]
    [InlineData("d1:axe", BencodeError.UnexpectedByte, 4)]
    [InlineData("di1ei2ee", BencodeError.KeyNotString, 1)]
    [InlineData("dlei2ee", BencodeError.KeyNotString, 1)]
    [InlineData("ddei2ee", BencodeError.KeyNotString, 1)]
    [InlineData("d1:ai1ei2e1:be", BencodeError.KeyNotString, 7)]
    [InlineData("d1:ae", BencodeError.MissingValue, 4)]
    [InlineData("ld1:ai1e1:bee", BencodeError.MissingValue, 11)]
    [InlineData("ie", BencodeError.InvalidInteger, 0)]
    [InlineData("i-e", BencodeError.InvalidInteger, 0)]
    [InlineData("iabce", BencodeError.InvalidInteger, 0)]
    [InlineData("i12abce", BencodeError.InvalidInteger, 0)]
    [InlineData("i+1e", BencodeError.InvalidInteger, 0)]
    [InlineData("i--1e", BencodeError.InvalidInteger, 0)]
    [InlineData("i1.5e", BencodeError.InvalidInteger, 0)]
    [InlineData("i 1e", BencodeError.InvalidInteger, 0)]
    [InlineData("i-0e", BencodeError.InvalidInteger, 0)]
    [InlineData("i00e", BencodeError.InvalidInteger, 0)]
    [InlineData("i007e", BencodeError.InvalidInteger, 0)]
    [InlineData("i-07e", BencodeError.InvalidInteger, 0)]
    [InlineData("li1ei007ee", BencodeError.InvalidInteger, 4)]
    [InlineData("i9223372036854775808e", BencodeError.IntegerOverflow, 0)]
    [InlineData("i-9223372036854775809e", BencodeError.IntegerOverflow, 0)]
    [InlineData("i18446744073709551616e", BencodeError.IntegerOverflow, 0)]
    [InlineData("i99999999999999999999999999999999999999e", BencodeError.IntegerOverflow, 0)]
    [InlineData("li-99999999999999999999ee", BencodeError.IntegerOverflow, 1)]
    [InlineData("03:abc", BencodeError.InvalidLength, 0)]
    [InlineData("00:", BencodeError.InvalidLength, 0)]
    [InlineData("003:abc", BencodeError.InvalidLength, 0)]
    [InlineData("l03:abce", BencodeError.InvalidLength, 1)]
    [InlineData("d03:abci1ee", BencodeError.InvalidLength, 1)]
    [InlineData("2147483647:a", BencodeError.UnexpectedEnd, 0)]
    [InlineData("2147483648:a", BencodeError.InvalidLength, 0)]
    [InlineData("4294967296:a", BencodeError.InvalidLength, 0)]
    [InlineData("4294967297:a", BencodeError.InvalidLength, 0)]
    [InlineData("999999999999:a", BencodeError.InvalidLength, 0)]
    [InlineData("9223372036854775808:a", BencodeError.InvalidLength, 0)]
    [InlineData("18446744073709551616:a", BencodeError.InvalidLength, 0)]
    [InlineData("18446744073709551617:a", BencodeError.InvalidLength, 0)]
    [InlineData("999999999999999999999999999999999999999999:a", BencodeError.InvalidLength, 0)]
    public void Refuses_in_both_modes(string data, BencodeError error, int position)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(data);

        AssertRefused(bytes, BencodeMode.Strict, error, position);
        AssertRefused(bytes, BencodeMode.Lenient, error, position);
    }

    [Theory]
    [InlineData("d1:bi1e1:ai2ee", BencodeError.UnsortedKey, 7)]
    [InlineData("d1:ai1e1:ai2ee", BencodeError.DuplicateKey, 7)]
    [InlineData("d2:aai1e1:ai2ee", BencodeError.UnsortedKey, 8)]
    [InlineData("d1:ai1e0:i2ee", BencodeError.UnsortedKey, 7)]
    [InlineData("d0:i1e0:i2ee", BencodeError.DuplicateKey, 6)]
    [InlineData("d1:\u00ffi1e1:ai2ee", BencodeError.UnsortedKey, 7)]
    [InlineData("ld1:bi1e1:ai2eee", BencodeError.UnsortedKey, 8)]
    [InlineData("d1:bd1:ai1ee1:ai2ee", BencodeError.UnsortedKey, 12)]
    [InlineData("d1:ad1:zi1ee1:ai2ee", BencodeError.DuplicateKey, 12)]
    [InlineData("d1:ad1:zi1e1:yi2eee", BencodeError.UnsortedKey, 11)]
    [InlineData("dei1e", BencodeError.TrailingBytes, 2)]
    [InlineData("i1e\n", BencodeError.TrailingBytes, 3)]
    [InlineData("1:ab", BencodeError.TrailingBytes, 3)]
    [InlineData("lee", BencodeError.TrailingBytes, 2)]
    public void Refuses_in_strict_mode_only(string data, BencodeError error, int position)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(data);

        AssertRefused(bytes, BencodeMode.Strict, error, position);
        BencodeReader lenient = new(bytes, BencodeMode.Lenient);
        while (lenient.Read())
        {
        }

        Assert.True(lenient.IsComplete);
    }

    [Theory]
    [InlineData("d1:ai1e2:aai2e1:bi3ee")]
    [InlineData("d0:i1e1:\u0000i2e1:\u007fi3e1:\u0080i4e1:\u00ffi5ee")]
    [InlineData("d1:ad1:ai1e1:zi2ee1:bd1:ai1eee")]
    [InlineData("d1:zld1:ai1eed1:ai1eeee")]
    public void Strict_accepts_keys_in_raw_byte_order_on_each_level(string data)
    {
        BencodeReader reader = new(Encoding.Latin1.GetBytes(data), BencodeMode.Strict);
        while (reader.Read())
        {
        }

        Assert.True(reader.IsComplete);
    }

    [Theory]
    [InlineData("d")]
    [InlineData("l")]
    public void Reads_64_levels_and_refuses_the_65th(string kind)
    {
        (byte[] deepest, _) = Nest(kind, 64);
        foreach (BencodeMode mode in Enum.GetValues<BencodeMode>())
        {
            BencodeReader reader = new(deepest, mode);
            int depthMax = 0;
            while (reader.Read())
            {
                depthMax = Math.Max(depthMax, reader.Depth);
            }

            Assert.True(reader.IsComplete);
            Assert.Equal(64, depthMax);
            foreach (int depth in new[] { 65, 20_000 })
            {
                (byte[] tooDeep, int levelLength) = Nest(kind, depth);
                AssertRefused(tooDeep, mode, BencodeError.TooDeep, 64 * levelLength);
            }
        }
    }

    [Fact]
    public void Keys_that_hide_in_strings_are_no_keys()
    {
        Assert.Equal("{ a= \"1:q4:ping\" y= \"1:y1:q\" }", TokenTrace.Short("d1:a9:1:q4:ping1:y6:1:y1:qe"u8));
    }

    private static (byte[] Data, int LevelLength) Nest(string kind, int depth)
    {
        // A dictionary needs a key before it can hold another one.
        StringBuilder data = new();
        for (int i = 0; i < depth; i++)
        {
            data.Append(kind).Append(kind == "d" && i < depth - 1 ? "1:k" : "");
        }

        data.Append('e', depth);
        return (Encoding.Latin1.GetBytes(data.ToString()), kind == "d" ? 4 : 1);
    }

    private static void AssertRefused(byte[] data, BencodeMode mode, BencodeError error, int position)
    {
        BencodeReader reader = new(data, mode);
        while (reader.Read())
        {
        }

        Assert.Equal((error, position), (reader.Error, reader.Position));
        Assert.Equal(position, reader.TokenStart);
        Assert.False(reader.IsComplete);

        BencodeReader skipper = new(data, mode);
        bool skipped = skipper.Skip() && !skipper.Read() && skipper.Error == BencodeError.None;
        Assert.False(skipped);
        Assert.Equal((error, position), (skipper.Error, skipper.Position));

        Assert.False(
            BencodeValue.TryParse(data, mode, out BencodeValue? value, out BencodeError parseError, out int offset));
        Assert.Null(value);
        Assert.Equal((error, position), (parseError, offset));
    }
}
