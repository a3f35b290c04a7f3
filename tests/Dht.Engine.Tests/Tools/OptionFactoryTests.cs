using System.CommandLine;
using Dht.Tools.Arguments;

namespace Dht.Engine.Tests.Tools;

/// <summary>The options of all programs, and how they are complained about.</summary>
public sealed class OptionFactoryTests
{
    private readonly Option<int> _rounds = OptionFactory.Number("--rounds", "N", "", 1, 99, 3);
    private readonly Option<double?> _seconds = OptionFactory.Number("--seconds", "S", "", 0.1, 600);
    private readonly Option<string> _family = OptionFactory.Choice("--family", "", "ipv4", "ipv6");
    private readonly Option<char> _grade = OptionFactory.Choice(
        "--grade", "", 'l', ("low", 'l'), ("middle", 'm'), ("high", 'h'));
    private readonly Option<string?> _path = OptionFactory.Path(
        "--path", "FILE", "", static path => path == "x" ? "it is x" : null);

    [Theory]
    [InlineData("", 3, null, "ipv4")]
    [InlineData("--rounds 1 --seconds 0.1", 1, 0.1, "ipv4")]
    [InlineData("--rounds 99 --seconds 600 --family ipv6", 99, 600.0, "ipv6")]
    [InlineData("--rounds=1e1 --seconds:2.5 --family IPv6", 10, 2.5, "ipv6")]
    public void WhatIsInItsRange_IsRead(string line, int rounds, double? seconds, string family)
    {
        ParseResult parsed = Parse("load here " + line);
        Assert.Empty(parsed.Errors);
        Assert.Equal(
            (rounds, seconds, family), (parsed.GetValue(_rounds), parsed.GetValue(_seconds), parsed.GetValue(_family)));
    }

    [Theory]
    [InlineData("", 'l')]
    [InlineData("--grade middle", 'm')]
    [InlineData("--grade HIGH", 'h')]
    public void AWord_StandsForItsValue(string line, char grade)
    {
        ParseResult parsed = Parse("load here " + line);
        Assert.Empty(parsed.Errors);
        Assert.Equal(grade, parsed.GetValue(_grade));
    }

    [Theory]
    [InlineData("load here --rounds 0", "--rounds takes a whole number from 1 to 99, not '0'")]
    [InlineData("load here --rounds 100", "--rounds takes a whole number from 1 to 99, not '100'")]
    [InlineData("load here --rounds 2.5", "--rounds takes a whole number from 1 to 99, not '2.5'")]
    [InlineData("load here --rounds 1,0", "--rounds takes a whole number from 1 to 99, not '1,0'")]
    [InlineData("load here --rounds 0x10", "--rounds takes a whole number from 1 to 99, not '0x10'")]
    [InlineData("load here --rounds 9999999999", "--rounds takes a whole number from 1 to 99, not '9999999999'")]
    [InlineData("load here --seconds 0.09", "--seconds takes a number from 0.1 to 600, not '0.09'")]
    [InlineData("load here --seconds 600.1", "--seconds takes a number from 0.1 to 600, not '600.1'")]
    [InlineData("load here --seconds 0,5", "--seconds takes a number from 0.1 to 600, not '0,5'")]
    [InlineData("load here --seconds NaN", "--seconds takes a number from 0.1 to 600, not 'NaN'")]
    [InlineData("load here --seconds Infinity", "--seconds takes a number from 0.1 to 600, not 'Infinity'")]
    [InlineData("load here --family ipv5", "--family takes ipv4 or ipv6, not 'ipv5'")]
    [InlineData("load here --grade 1", "--grade takes low, middle or high, not '1'")]
    [InlineData("load here --path x", "--path: cannot use 'x': it is x")]
    [InlineData("load here --path=", "--path needs a value")]
    [InlineData("load here --family", "--family needs a value")]
    [InlineData("load here --rounds 1 --rounds 2", "--rounds is given more than once")]
    [InlineData("load here --round 1", "unknown option '--round'")]
    [InlineData("load here 1", "unknown argument '1'")]
    [InlineData("laod --rounds 1", "unknown command 'laod'")]
    [InlineData("load here @file", "unknown argument '@file'")]
    [InlineData("load", "PLACE is missing")]
    [InlineData("", "a command is missing")]
    public void WhatIsNot_IsToldInOneSentence(string line, string complaint)
    {
        ParseResult parsed = Parse(line);
        Assert.NotEmpty(parsed.Errors);
        Assert.Equal(complaint, CommandLineDoor.Complaint(parsed));
    }

    [Theory]
    [InlineData("load --rounds 1 here there", "unknown argument 'there' (see bench load --help)")]
    [InlineData("--json", "unknown option '--json' (see bench --help)")]
    public void AComplaint_SaysWhereTheHelpIs(string line, string description) =>
        Assert.Equal(description, CommandLineDoor.Describe(Parse(line), "bench"));

    [Fact]
    public void ANumber_IsReadTheSameUnderEveryCulture()
    {
        System.Globalization.CultureInfo before = System.Globalization.CultureInfo.CurrentCulture;
        try
        {
            System.Globalization.CultureInfo.CurrentCulture = new System.Globalization.CultureInfo("")
            {
                NumberFormat = { NumberDecimalSeparator = ",", NegativeSign = "~" },
            };
            Assert.Equal(2.5, Parse("load here --seconds 2.5").GetValue(_seconds));
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = before;
        }
    }

    private ParseResult Parse(string line)
    {
        var command = new Command("load") { new Argument<string>("PLACE"), _rounds, _seconds, _family, _grade, _path };
        command.SetAction(static _ => 0);
        return CommandLineDoor.Parse(
            new RootCommand { command }, line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }
}
