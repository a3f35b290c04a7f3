using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Tests.Krpc;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Support.NodeHarness;

namespace Dht.Engine.Tests.Node;

public sealed class QueryHandlersTests
{
    private static readonly Endpoint Other = Endpoint.Parse("9.9.9.9:6881");

    private readonly NodeHarness _node = new();
    private readonly List<string> _seen = [];

    private QueryHandlers Handlers => _node.Node.Extensions.Handlers;

    [Fact]
    public void Handlers_AreAskedByPriorityThenByRegistration()
    {
        Add("a", 0);
        Add("b", 5);
        Registration c = Add("c", 0);
        Add("d", -1);
        Add("e", 5);
        Assert.True(_node.AnswersPing());
        Assert.Equal(["b", "e", "a", "c", "d"], _seen);
        c.Dispose();
        c.Dispose();
        _seen.Clear();
        Assert.True(_node.AnswersPing());
        Assert.Equal(["b", "e", "a", "d"], _seen);
    }

    [Fact]
    public void TheFirstThatDecides_IsTheLastThatIsAsked()
    {
        Add("first", 2);
        Handlers.Add((ref QueryContext context) => context.Refuse(299, "no"u8), 1);
        Add("behind", 0);
        Assert.Contains("eli299e2:noe", _node.Ask(Ping), StringComparison.Ordinal);
        Assert.Equal(["first"], _seen);
        Assert.Equal(1, _node.Counters.ErrorsSent);
    }

    [Fact]
    public void ANamedHandler_SeesSoundQueriesOfItsMethod_AnUnnamedOneAll()
    {
        Handlers.Add("ping", (ref QueryContext context) => _seen.Add($"ping {context.Query.BodyFault}"));
        Handlers.Add("hello", (ref QueryContext context) => _seen.Add("hello"));
        Handlers.Add((ref QueryContext context) => _seen.Add(Wire.Text(context.Query.MethodName)));
        _node.Receive(Ping);
        _node.Receive(Wire.Bytes("d1:ade1:q4:ping1:t2:aa1:y1:qe"));
        _node.Receive(Wire.Query("hello"));
        _node.Receive(Wire.Query("hell"));
        _node.Receive(Wire.Bytes($"d1:ad2:id20:{Wire.IdA}e1:t2:aa1:y1:qe"));
        Assert.Equal(["ping None", "ping", "ping", "hello", "hello", "hell", ""], _seen);
    }

    [Fact]
    public void AVeto_SendsNothingAtAll_NotEvenAPingToTheAsker()
    {
        Registration veto = Handlers.Add((ref QueryContext context) => context.Veto());
        _node.Receive(Ping);
        Assert.Empty(_node.Take());
        Assert.Equal((1, 0), (_node.Counters.Vetoed, _node.Counters.QueriesAnswered));
        veto.Dispose();
        _node.Receive(Ping);
        Assert.Equal(2, _node.Take().Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AThrowingHandler_HasDecidedNothing_WhateverItDidBefore(bool decidesFirst)
    {
        Handlers.Add((ref QueryContext context) =>
        {
            if (decidesFirst)
            {
                context.Veto();
            }

            throw new InvalidOperationException("not today");
        });
        Add("behind", -1);
        var faults = new List<Exception>();
        _node.Node.Extensions.OnFault = faults.Add;
        Assert.True(_node.AnswersPing());
        Assert.Equal(["behind"], _seen);
        Assert.Equal("not today", Assert.Single(faults).Message);
        Assert.Equal(1, _node.Counters.Faults);
    }

    [Fact]
    public void WhoIsToldOfFaults_MayThrowToo()
    {
        Handlers.Add((ref QueryContext context) => throw new InvalidOperationException("not today"));
        _node.Node.Extensions.OnFault = fault => throw fault;
        Assert.True(_node.AnswersPing());
        Assert.Equal(2, _node.Counters.Faults);
    }

    [Fact]
    public void AHandler_MaySendBeforeItAnswers()
    {
        Handlers.Add((ref QueryContext context) =>
        {
            Assert.Equal(AskResult.Sent, context.Node.Ping(Other, context.Now));
            context.Refuse(299, "no"u8);
            Assert.Equal(AskResult.Sent, context.Node.Ping(Other, context.Now));
        });
        _node.Receive(Ping);
        List<(Endpoint To, byte[] Datagram)> sent = _node.Take();
        Assert.Equal(4, sent.Count);
        Assert.Equal([Other, Other, Asker, Asker], sent.Select(datagram => datagram.To));
        Assert.All(sent, datagram => Assert.True(CanonicalWalk.IsCanonical(datagram.Datagram)));
        Assert.Contains("eli299e2:noe", Wire.Text(sent[2].Datagram), StringComparison.Ordinal);
    }

    [Fact]
    public void AHandler_MayAddAndRemove_FromTheNextQueryOn()
    {
        Registration? self = null;
        self = Handlers.Add((ref QueryContext context) =>
        {
            self!.Dispose();
            Add("new", 9);
        });
        Add("old", 0);
        _node.Receive(Ping);
        Assert.Equal(["old"], _seen);
        _node.Receive(Ping, Other);
        Assert.Equal(["old", "new", "old"], _seen);
    }

    [Fact]
    public void AHandlerThatAnotherTakesOut_IsNotCalledAnyMore()
    {
        Registration? later = null;
        Handlers.Add((ref QueryContext context) => later!.Dispose(), 1);
        later = Add("later", 0);
        _node.Receive(Ping);
        Assert.Empty(_seen);
    }

    [Fact]
    public void AnAnswerOfAHandler_AllocatesNothing()
    {
        var node = new NodeHarness(new NodeOptions { AnswersPerSecondPerAddress = 0 });
        node.Node.Extensions.Handlers.Add(
            "ping", static (ref QueryContext context) => context.Reply(new Motto { Text = "mind the gap"u8 }));
        AllocationGuard.AssertNone(node, static node =>
        {
            for (int i = 0; i < 100; i++)
            {
                node.Node.Receive(Ping, Asker, node.Now);
                node.Outbox.Clear();
            }
        });
        Assert.Equal(400, node.Counters.QueriesAnswered);
    }

    private Registration Add(string name, int priority) =>
        Handlers.Add((ref QueryContext _) => _seen.Add(name), priority);

    private readonly ref struct Motto : IKrpcBody<Motto>
    {
        public ReadOnlySpan<byte> Text { get; init; }

        public static bool TryRead(KrpcBodyReader body, out Motto value)
        {
            value = default;
            return true;
        }

        public void Write(ref KrpcBodyWriter body) => body.WriteString("motto"u8, Text);
    }
}
