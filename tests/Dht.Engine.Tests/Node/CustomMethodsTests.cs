using Dht.Engine.Bencode;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Tests.Krpc;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Node;

public sealed class CustomMethodsTests
{
    private static readonly CustomMethod<KrpcDocument, KrpcDocument> Hello = new("hello");
    private static readonly CustomMethod<Number, Number> Twice = new("twice");

    private readonly NodeHarness _node = new();

    private CustomMethods Methods => _node.Node.Extensions.Methods;

    [Fact]
    public void AMethod_IsAnsweredUntilItIsTakenOut()
    {
        Assert.Contains("i204e", _node.Ask(Wire.Query("twice", "1:ni21e")), StringComparison.Ordinal);
        Registration answering = Methods.Answer(Twice, static number => new Number(2 * number.Value));
        Assert.Contains("1:ni42ee1:t2:aa", _node.Ask(Wire.Query("twice", "1:ni21e")), StringComparison.Ordinal);
        Assert.Equal(1, _node.Counters.QueriesAnswered);
        answering.Dispose();
        Assert.Contains("i204e", _node.Ask(Wire.Query("twice", "1:ni21e")), StringComparison.Ordinal);
        using Registration again = Methods.Answer(Twice, static number => number);
        Assert.Contains("1:ni21e", _node.Ask(Wire.Query("twice", "1:ni21e")), StringComparison.Ordinal);
    }

    [Fact]
    public void SeveralMethods_AreToldApart()
    {
        Methods.Answer(Twice, static number => new Number(2 * number.Value));
        Methods.Answer(Hello, static _ => new KrpcDocument(new BencodeBuilder { ["text"] = "hi" }));
        Assert.Contains("4:text2:hi", _node.Ask(Wire.Query("hello")), StringComparison.Ordinal);
        Assert.Contains("1:ni2e", _node.Ask(Wire.Query("twice", "1:ni1e")), StringComparison.Ordinal);
        Assert.Contains("i204e", _node.Ask(Wire.Query("twic")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("d1:ad2:id20:abcdefghij0123456789e1:q5:twice1:t2:aa1:y1:qe")]
    [InlineData("d1:ad2:id20:abcdefghij01234567891:n1:xe1:q5:twice1:t2:aa1:y1:qe")]
    [InlineData("d1:ad1:ni1ee1:q5:twice1:t2:aa1:y1:qe")]
    [InlineData("d1:ad2:id3:abc1:ni1ee1:q5:twice1:t2:aa1:y1:qe")]
    [InlineData("d1:q5:twice1:t2:aa1:y1:qe")]
    public void ArgumentsOutOfShape_AreRefusedWith203(string query)
    {
        Methods.Answer(Twice, static number => new Number(2 * number.Value));
        Assert.Contains("eli203e", _node.Ask(Wire.Bytes(query)), StringComparison.Ordinal);
    }

    [Fact]
    public void OneThatThrowsOrDecidesNothing_LeavesTheAskerWith202()
    {
        using (Methods.Answer(Twice, static number => throw new InvalidOperationException("not today")))
        {
            Assert.Contains("eli202e", _node.Ask(Wire.Query("twice", "1:ni1e")), StringComparison.Ordinal);
            Assert.Equal(1, _node.Counters.Faults);
        }

        using (Methods.Answer(Twice, static (scoped in Number number, ref QueryContext context) => { }))
        {
            Assert.Contains("eli202e", _node.Ask(Wire.Query("twice", "1:ni1e")), StringComparison.Ordinal);
            Assert.Equal(1, _node.Counters.Faults);
        }

        using (Methods.Answer(Twice, static (scoped in Number number, ref QueryContext context) =>
        {
            context.Reply(number);
            throw new InvalidOperationException("not today");
        }))
        {
            Assert.Contains("eli202e", _node.Ask(Wire.Query("twice", "1:ni1e")), StringComparison.Ordinal);
            Assert.Equal(2, _node.Counters.Faults);
        }

        using (Methods.Answer(Hello, static _ => new KrpcDocument(new BencodeBuilder { ["text"] = new byte[1024] })))
        {
            Assert.Contains("eli202e", _node.Ask(Wire.Query("hello")), StringComparison.Ordinal);
        }

        Assert.Equal(4, _node.Counters.ErrorsSent);
    }

    [Fact]
    public void AnAnswer_MayVetoAndRefuse()
    {
        using (Methods.Answer(Twice, static (scoped in Number number, ref QueryContext context) => context.Veto()))
        {
            Assert.Empty(_node.Ask(Wire.Query("twice", "1:ni1e")));
        }

        Methods.Answer(
            Twice,
            static (scoped in Number number, ref QueryContext context) => context.Refuse((int)number.Value, "no"u8));
        Assert.Contains("eli77e2:noe", _node.Ask(Wire.Query("twice", "1:ni77e")), StringComparison.Ordinal);
    }

    [Fact]
    public void Handlers_AreAskedBefore()
    {
        Methods.Answer(Twice, static number => new Number(2 * number.Value));
        _node.Node.Extensions.Handlers.Add("twice", static (ref QueryContext context) => context.Refuse(299, "no"u8));
        Assert.Contains("eli299e", _node.Ask(Wire.Query("twice", "1:ni1e")), StringComparison.Ordinal);
    }

    [Fact]
    public void ASecondAnswer_IsRefusedAtTheCall()
    {
        Methods.Answer(Twice, static number => number);
        var thrown = Assert.Throws<InvalidOperationException>(
            () => Methods.Answer(new CustomMethod<KrpcDocument, KrpcDocument>("twice"), static asked => asked));
        Assert.Contains("'twice'", thrown.Message, StringComparison.Ordinal);
    }

    private sealed record Number(long Value) : IKrpcBody<Number>
    {
        public static bool TryRead(KrpcBodyReader body, out Number value)
        {
            bool isSound = body.TryGetInteger("n"u8, out long number);
            value = new Number(number);
            return isSound;
        }

        public void Write(ref KrpcBodyWriter body) => body.WriteInteger("n"u8, Value);
    }
}
