using System.Text;
using Dht.Engine.Bencode;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Bencode;

/// <summary>
/// Bencode: integers, byte strings, lists, dictionaries and their nesting; a builder for documents, and a reader that
/// allocates nothing; equality; a printer that is safe for binary; and for each malformed input an error that says
/// what is wrong.
/// </summary>
public sealed class BencodeDocumentTests
{
    private const string Document =
        "d3:bin4:\0\u0001\u00fe\u00ff4:dictd1:ki-1ee5:emptyle3:inti-42e4:listli1e3:twol5:threeed1:xdeeee";

    [Fact]
    public void ADocument_IsBuiltWrittenAndRead()
    {
        BencodeValue built = Build();
        Assert.Equal(Document, Text(built.ToBytes()));
        BencodeValue read = BencodeValue.Parse(Bytes(Document), BencodeMode.Strict);
        Assert.Equal(-42, read["int"].GetInteger());
        Assert.Equal(new byte[] { 0, 1, 0xFE, 0xFF }, read["bin"].GetBytes().ToArray());
        Assert.Equal(0, read["empty"].Count);
        Assert.Equal("two", read["list"][1].GetText());
        Assert.Equal("three", read["list"][2][0].GetText());
        Assert.Equal(BencodeKind.Dictionary, read["list"][3]["x"].Kind);
        Assert.Equal(-1, read["dict"]["k"].GetInteger());
        foreach (long integer in new[] { 0, 1, -1, long.MaxValue, long.MinValue })
        {
            Assert.Equal(integer, BencodeValue.Parse(Bytes($"i{integer}e"), BencodeMode.Strict).GetInteger());
        }
    }

    [Fact]
    public void Equality_IsThatOfTheContent()
    {
        BencodeValue built = Build();
        BencodeValue read = BencodeValue.Parse(Bytes(Document), BencodeMode.Strict);
        Assert.True(built == read && built.Equals((object)read) && built.GetHashCode() == read.GetHashCode());
        BencodeValue other = BencodeValue.Parse(
            Bytes(Document.Replace("i-42e", "i-43e", StringComparison.Ordinal)), BencodeMode.Strict);
        Assert.True(built != other && !built.Equals(null));
        Assert.NotEqual(BencodeValue.FromInteger(1), BencodeValue.FromText("1"));
        Assert.NotEqual<BencodeValue>(BencodeValue.FromList(), new BencodeBuilder().ToValue());
    }

    [Fact]
    public void TheReader_IsTypedAndAllocatesNothing()
    {
        byte[] bytes = Bytes(Document);
        var tokens = new StringBuilder();
        BencodeReader reader = new(bytes, BencodeMode.Strict);
        while (reader.Read())
        {
            tokens.Append(reader.Token switch
            {
                BencodeToken.Integer => $"{reader.Integer} ",
                BencodeToken.Key => $"{Text(reader.Value)}=",
                BencodeToken.String => $"'{reader.Value.Length}' ",
                BencodeToken.ListStart => "[",
                BencodeToken.ListEnd => "]",
                BencodeToken.DictionaryStart => "{",
                _ => "}",
            });
        }

        Assert.True(reader.IsComplete);
        Assert.Equal("{bin='4' dict={k=-1 }empty=[]int=-42 list=[1 '3' ['5' ]{x={}}]}", tokens.ToString());
        AllocationGuard.AssertNone(bytes, static data =>
        {
            BencodeReader again = new(data, BencodeMode.Strict);
            while (again.Read())
            {
            }
        });
    }

    [Fact]
    public void ThePrinter_IsSafeForBinary()
    {
        string text = new BencodePrinter().Print(Build());
        Assert.Contains("0x0001feff", text, StringComparison.Ordinal);
        Assert.Contains("\"three\"", text, StringComparison.Ordinal);
        for (int value = 0; value < 256; value++)
        {
            BencodeValue hostile = BencodeValue.FromList(
                BencodeValue.FromBytes([(byte)value]), BencodeValue.FromBytes([0x1B, (byte)value, 0x7F]));
            Assert.All(
                new BencodePrinter().Print(hostile) + hostile,
                static each => Assert.True(each is '\n' or (>= ' ' and <= '~')));
        }
    }

    [Theory]
    [InlineData("", BencodeError.UnexpectedEnd)]
    [InlineData("d", BencodeError.UnexpectedEnd)]
    [InlineData("l", BencodeError.UnexpectedEnd)]
    [InlineData("i12", BencodeError.UnexpectedEnd)]
    [InlineData("5:abc", BencodeError.UnexpectedEnd)]
    [InlineData("d1:ai1e", BencodeError.UnexpectedEnd)]
    [InlineData("1x:a", BencodeError.UnexpectedByte)]
    [InlineData("999999999999:a", BencodeError.InvalidLength)]
    [InlineData("ie", BencodeError.InvalidInteger)]
    [InlineData("iabce", BencodeError.InvalidInteger)]
    [InlineData("i-0e", BencodeError.InvalidInteger)]
    [InlineData("i007e", BencodeError.InvalidInteger)]
    [InlineData("03:abc", BencodeError.InvalidLength)]
    [InlineData("d1:bi1e1:ai2ee", BencodeError.UnsortedKey, true)]
    [InlineData("d1:ai1e1:ai2ee", BencodeError.DuplicateKey, true)]
    [InlineData("i1eX", BencodeError.TrailingBytes, true)]
    public void MalformedInput_GivesADefinedError(string input, BencodeError error, bool strictOnly = false)
    {
        byte[] bytes = Bytes(input);
        Assert.False(BencodeValue.TryParse(bytes, BencodeMode.Strict, out _, out BencodeError told, out _));
        Assert.Equal(error, told);
        Assert.Equal(
            error, Assert.Throws<BencodeFormatException>(() => BencodeValue.Parse(bytes, BencodeMode.Strict)).Error);
        Assert.Equal(strictOnly, BencodeValue.TryParse(bytes, BencodeMode.Lenient, out _, out told, out int length));
        Assert.Equal(strictOnly ? BencodeError.None : error, told);

        // Bytes after the value are an error in the one mode and a number in the other.
        Assert.True(!strictOnly || length == bytes.Length - (error == BencodeError.TrailingBytes ? 1 : 0));
    }

    [Theory]
    [InlineData(BencodeReader.MaxDepth, BencodeError.None)]
    [InlineData(BencodeReader.MaxDepth + 1, BencodeError.TooDeep)]
    [InlineData(100_000, BencodeError.TooDeep)]
    public void Depth_HasALimit(int depth, BencodeError error)
    {
        byte[] bytes = Bytes(new string('l', depth) + new string('e', depth));
        foreach (BencodeMode mode in Enum.GetValues<BencodeMode>())
        {
            Assert.Equal(
                error == BencodeError.None, BencodeValue.TryParse(bytes, mode, out _, out BencodeError told, out _));
            Assert.Equal(error, told);
        }
    }

    private static BencodeValue Build() => new BencodeBuilder
    {
        ["list"] = BencodeValue.FromList(
            1, "two", BencodeValue.FromList("three"), new BencodeBuilder { ["x"] = new BencodeBuilder() }),
        ["int"] = -42,
        ["empty"] = BencodeValue.FromList(),
        ["dict"] = new BencodeBuilder { ["k"] = -1 },
        ["bin"] = new byte[] { 0, 1, 0xFE, 0xFF },
    };
}
