extern alias FuzzProject;

using System.CommandLine;
using FuzzProject::Dht.Engine.Bench.Arguments;

namespace Dht.Engine.Tests.Fuzz;

/// <summary>The options of the bench and of the fuzzer.</summary>
public sealed class OptionFactoryTests
{
    private readonly Option<int> _rounds = OptionFactory.Number("--rounds", "N", "", 1, 99, 3);
    private readonly Option<double?> _seconds = OptionFactory.Number("--seconds", "S", "", 0.1, 600);
    private readonly Option<string> _family = OptionFactory.Choice("--family", "", "ipv4", "ipv6");

    [Theory]
    [InlineData("", 3, null, "ipv4")]
    [InlineData("--rounds 1 --seconds 0.1", 1, 0.1, "ipv4")]
    [InlineData("--rounds 99 --seconds 600 --family ipv6", 99, 600.0, "ipv6")]
    [InlineData("--rounds=1e1 --seconds:2.5 --family IPv6", 10, 2.5, "ipv6")]
    public void WhatIsInItsRange_IsRead(string line, int rounds, double? seconds, string family)
    {
        ParseResult parsed = Parse("load " + line);
        Assert.Empty(parsed.Errors);
        Assert.Equal((rounds, seconds, family), (parsed.GetValue(_rounds), parsed.GetValue(_seconds), parsed.GetValue(_family)));
    }

    [Theory]
    [InlineData("load --rounds 0", "--rounds takes a whole number from 1 to 99, not '0'")]
    [InlineData("load --rounds 100", "--rounds takes a whole number from 1 to 99, not '100'")]
    [InlineData("load --rounds 2.5", "--rounds takes a whole number from 1 to 99, not '2.5'")]
    [InlineData("load --seconds 0.09", "--seconds takes a number from 0.1 to 600, not '0.09'")]
    [InlineData("load --seconds 600.1", "--seconds takes a number from 0.1 to 600, not '600.1'")]
    [InlineData("load --seconds 0,5", "--seconds takes a number from 0.1 to 600, not '0,5'")]
    [InlineData("load --seconds NaN", "--seconds takes a number from 0.1 to 600, not 'NaN'")]
    [InlineData("load --family ipv5", "--family takes ipv4 or ipv6, not 'ipv5'")]
    [InlineData("load --family", "--family needs a value")]
    [InlineData("load --rounds 1 --rounds 2", "--rounds is given more than once")]
    [InlineData("load --round 1", "unknown option '--round'")]
    [InlineData("load 1", "unknown argument '1'")]
    [InlineData("laod --rounds 1", "unknown command 'laod'")]
    [InlineData("load @file", "unknown argument '@file'")]
    public void WhatIsNot_IsToldInOneSentence(string line, string complaint)
    {
        ParseResult parsed = Parse(line);
        Assert.NotEmpty(parsed.Errors);
        Assert.Equal(complaint, CommandLineDoor.Complaint(parsed));
    }

    private ParseResult Parse(string line)
    {
        var command = new Command("load") { _rounds, _seconds, _family };
        command.SetAction(static _ => 0);
        return CommandLineDoor.Parse(new RootCommand { command }, line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }
}
