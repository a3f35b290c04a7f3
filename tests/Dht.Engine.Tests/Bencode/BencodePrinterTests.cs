using Dht.Engine.Bencode;

namespace Dht.Engine.Tests.Bencode;

public sealed class BencodePrinterTests
{
    private static readonly BencodePrinter OneLine = new() { IsIndented = false };

    [Fact]
    public void Prints_a_document_on_lines_of_its_own()
    {
        BencodeValue value = new BencodeBuilder { ["a"] = [1, -2], ["b"] = new BencodeBuilder(), ["c"] = "x" };

        Assert.Equal(
            "{\n  \"a\": [\n    1,\n    -2\n  ],\n  \"b\": {},\n  \"c\": \"x\"\n}", new BencodePrinter().Print(value));
        Assert.Equal("{\"a\": [1, -2], \"b\": {}, \"c\": \"x\"}", OneLine.Print(value));
        Assert.Equal("{\"a\": [1, -2], \"b\": {}, \"c\": \"x\"}", value.ToString());
    }

    [Theory]
    [InlineData("plain text", "\"plain text\"")]
    [InlineData("", "\"\"")]
    [InlineData("gr\u00fc\u00df \u4f60\u597d \U0001F600", "\"gr\u00fc\u00df \u4f60\u597d \U0001F600\"")]
    [InlineData("a\"b\\c", "\"a\\\"b\\\\c\"")]
    [InlineData("\u001b[31mred", "0x1b5b33316d726564")]
    [InlineData("a\nb", "0x610a62")]
    [InlineData("a\u202eb", "0x61e280ae62")]
    [InlineData("a\u2028b", "0x61e280a862")]
    [InlineData("\u0085", "0xc285")]
    [InlineData("\u0000", "0x00")]
    public void Prints_text_as_text_and_all_else_as_hex(string text, string expected) =>
        Assert.Equal(expected, OneLine.Print(text));

    [Fact]
    public void Prints_bytes_that_are_no_text_as_hex()
    {
        Assert.Equal("0xff61", OneLine.Print(new byte[] { 0xFF, 0x61 }));
        Assert.Equal("0x61c3", OneLine.Print(new byte[] { 0x61, 0xC3 }));
        BencodeBuilder builder = [];
        builder[new byte[] { 0x80 }.AsSpan()] = 1;
        Assert.Equal("{0x80: 1}", OneLine.Print(builder));
    }

    [Fact]
    public void Cuts_long_strings_between_characters()
    {
        BencodePrinter printer = new() { IsIndented = false, StringBytesMax = 4 };

        Assert.Equal("\"abcd\"", printer.Print("abcd"));
        Assert.Equal("\"abcd\"... (5 bytes)", printer.Print("abcde"));
        Assert.Equal("\"abc\"... (5 bytes)", printer.Print("abc\u00e9"));
        Assert.Equal("0x00010203... (5 bytes)", printer.Print(new byte[] { 0, 1, 2, 3, 4 }));
    }

    [Fact]
    public void Cuts_long_lists_and_long_output()
    {
        BencodeValue list = [1, 2, 3, 4, 5];
        Assert.Equal("[1, 2, ... 3 more]", new BencodePrinter { IsIndented = false, ItemsMax = 2 }.Print(list));
        Assert.Equal("[... 5 more]", new BencodePrinter { IsIndented = false, ItemsMax = 0 }.Print(list));
        Assert.Equal("[\n  1,\n  ... 4 more\n]", new BencodePrinter { ItemsMax = 1 }.Print(list));

        BencodeValue wide = BencodeValue.FromList(Enumerable.Repeat(list, 1_000).ToArray());
        Assert.InRange(wide.ToString().Length, 300, 600);
    }

    [Fact]
    public void Prints_the_deepest_document()
    {
        BencodeValue value = 1;
        for (int depth = 0; depth < 64; depth++)
        {
            value = [value];
        }

        Assert.Equal(new string('[', 64) + "1" + new string(']', 64), OneLine.Print(value));
    }
}
