using System.Net.Sockets;
using Dht.Cli.Joining;

namespace Dht.Engine.Tests.Cli;

/// <summary>One rule, from the counters to a sentence.</summary>
public sealed class SilenceReasonTests
{
    private const SocketError NoRoute = SocketError.NetworkUnreachable;

    [Theory]
    [InlineData("X answered with error 201 (busy) and nothing else; ", 3, 0, 2, 0, 0)]
    [InlineData("X answered with error 201 (busy) and nothing else; ", 0, 5, 1, 1, 0)]
    [InlineData("the system refused to send 1 query (", 0, 1, 0, 0, 0)]
    [InlineData("no answer; 1 query is still open, ", 2, 0, 0, 1, 0)]
    [InlineData("no answer; 1 query is still open, ", 2, 3, 0, 1, 0)]
    [InlineData("no answer within 0.5 s; 2 queries are still open, ", 2, 0, 0, 2, 0, 0.5)]
    [InlineData("no answer from X to 2 queries, and the system refused to send 3 ", 2, 3, 0, 0, 0)]
    [InlineData("no answer from X to 2 queries but 4 that ", 2, 0, 0, 0, 4)]
    [InlineData("no answer from X to 1 query; nothing listens there, ", 1, 0, 0, 0, 0)]
    [InlineData("no answer within 9.0 s from X to 1,000 queries; ", 1000, 0, 0, 0, 0, 9.0)]
    public void SaysWhatIsKnown_AndNoMore(
        string expected, long sent, long notSent, long errors, long open, long unusable, double? within = null)
    {
        var facts = new SilenceFacts
        {
            Sent = sent,
            NotSent = notSent,
            SendError = NoRoute,
            Errors = errors,
            LastError = new ErrorReply(201, "busy"),
            Open = open,
            Unusable = unusable,
            Within = within is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        };
        string reason = SilenceReason.Describe(facts, "X");

        Assert.StartsWith(expected, reason, StringComparison.Ordinal);
        Assert.DoesNotContain('?', reason);
        Assert.Equal(facts.Errors > 0, reason.Contains("answered", StringComparison.Ordinal));
        Assert.Equal(
            facts is { NotSent: > 0, Errors: 0, Open: 0 },
            reason.Contains(SilenceReason.Describe(NoRoute), StringComparison.Ordinal));
    }

    [Fact]
    public void AnErrorThatIsNotKnown_IsAnError() =>
        Assert.StartsWith(
            "X answered with an error and nothing else; ",
            SilenceReason.Describe(new SilenceFacts { Sent = 1, Errors = 1 }, "X"),
            StringComparison.Ordinal);

    [Theory]
    [InlineData(201, "too many\nrequests\u001b[31m", "error 201 (too manyrequests[31m)")]
    [InlineData(0, "", "error 0")]
    [InlineData(202, "\u00e9\u0007", "error 202")]
    public void WhatStrangersSay_IsMadePrintable(int code, string text, string expected) =>
        Assert.Equal(expected, new ErrorReply(code, text).ToString());

    [Fact]
    public void ALongText_IsCut() =>
        Assert.Equal($"error 201 ({new string('x', 80)})", new ErrorReply(201, new string('x', 5000)).ToString());
}
