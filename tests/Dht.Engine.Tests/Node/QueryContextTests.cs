using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Tests.Krpc;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Support.NodeHarness;

namespace Dht.Engine.Tests.Node;

public sealed class QueryContextTests
{
    private readonly NodeHarness _node = new();

    private QueryHandlers Handlers => _node.Node.Extensions.Handlers;

    [Fact]
    public void TheContext_TellsWhoAskedWhatAndWhen()
    {
        string seen = "";
        Handlers.Add((ref QueryContext context) =>
        {
            Assert.Same(_node.Node, context.Node);
            Assert.Equal(_node.Now, context.Now);
            Assert.Equal(_node.Now, context.Node.Now);
            seen = $"{context.Source} {context.Query.Method} {context.Decision}";
            context.Veto();
            seen += $" {context.Decision}";
        });
        _node.Receive(Ping);
        Assert.Equal($"{Asker} Ping None Vetoed", seen);
    }

    [Fact]
    public void AReplyThatIsTooLong_DecidesNothing()
    {
        QueryDecision decision = QueryDecision.Vetoed;
        bool fits = true;
        Handlers.Add((ref QueryContext context) =>
        {
            fits = context.Reply(Body(1024));
            decision = context.Decision;
        });
        Assert.True(_node.AnswersPing());
        Assert.Equal((false, QueryDecision.None), (fits, decision));
    }

    [Fact]
    public void TheLargestReply_Has1024Bytes()
    {
        int largest = 0;
        Handlers.Add((ref QueryContext context) =>
        {
            for (largest = 1024; !context.Reply(Body(largest)); largest--)
            {
            }
        });
        _node.Receive(Wire.Bytes($"d1:ad2:id20:{Wire.IdA}e1:q4:ping1:t{Wire.Str(Wire.Fill(255))}1:y1:qe"));
        byte[] reply = _node.Take()[0].Datagram;
        Assert.Equal(1024, reply.Length);
        Assert.True(CanonicalWalk.IsCanonical(reply));
        Assert.InRange(largest, 600, 1000);
    }

    [Fact]
    public void TheLastDecisionCounts_AndOneThatFailsTakesBackTheOneBefore()
    {
        Registration twice = Handlers.Add((ref QueryContext context) =>
        {
            context.Refuse(299, "no"u8);
            Assert.True(context.Reply(Body(3)));
        });
        Assert.Contains("1:b3:xxx", _node.Ask(Ping), StringComparison.Ordinal);
        twice.Dispose();
        Handlers.Add((ref QueryContext context) =>
        {
            Assert.True(context.Reply(Body(3)));
            Assert.False(context.Reply(Body(1024)));
        });
        Assert.True(_node.AnswersPing());
        Assert.Equal(0, _node.Counters.Faults);
    }

    [Fact]
    public void AReplyThatThrows_TakesBackTheOneBefore()
    {
        Handlers.Add((ref QueryContext context) =>
        {
            Assert.True(context.Reply(Body(500)));
            try
            {
                context.Reply(new ScriptedBody((ref KrpcBodyWriter body) =>
                {
                    body.WriteInteger("b"u8, 1);
                    body.WriteInteger("a"u8, 1);
                }));
            }
            catch (ArgumentException)
            {
                Assert.Equal(QueryDecision.None, context.Decision);
            }
        });
        Assert.True(_node.AnswersPing());
        Assert.Equal(0, _node.Counters.Faults);
    }

    [Fact]
    public void ATextOfAnError_Has256BytesAtMost()
    {
        Registration fits = Handlers.Add((ref QueryContext context) => context.Refuse(1, new byte[256]));
        Assert.Contains("eli1e256:", _node.Ask(Ping), StringComparison.Ordinal);
        fits.Dispose();
        string? said = null;
        _node.Node.Extensions.OnFault = fault => said = fault.Message;
        Handlers.Add((ref QueryContext context) => context.Refuse(1, new byte[257]));
        Assert.True(_node.AnswersPing());
        Assert.Contains("256", said!, StringComparison.Ordinal);
    }

    private static ScriptedBody Body(int length) =>
        new((ref KrpcBodyWriter body) => body.WriteString("b"u8, Wire.Bytes(new string('x', length))));
}
