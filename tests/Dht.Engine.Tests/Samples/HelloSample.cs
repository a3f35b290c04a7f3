using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Samples;

/// <summary>
/// A message of one's own that allocates nothing, neither where it is asked nor where it is answered.
/// </summary>
internal static class HelloSample
{
    // sample: hello without allocation
    private static readonly CustomMethod<Hello, Welcome> Method = new("hello");

    private readonly ref struct Hello : IKrpcBody<Hello>
    {
        public ReadOnlySpan<byte> Name { get; init; }

        public static bool TryRead(KrpcBodyReader body, out Hello value)
        {
            bool isSound = body.TryGetString("name"u8, out ReadOnlySpan<byte> name) && name.Length is > 0 and <= 32;
            value = new Hello { Name = name };
            return isSound;
        }

        public void Write(ref KrpcBodyWriter body) => body.WriteString("name"u8, Name);
    }

    private readonly struct Welcome : IKrpcBody<Welcome>
    {
        public long Letters { get; init; }

        public static bool TryRead(KrpcBodyReader body, out Welcome value)
        {
            bool isSound = body.TryGetInteger("letters"u8, out long letters);
            value = new Welcome { Letters = letters };
            return isSound;
        }

        public void Write(ref KrpcBodyWriter body) => body.WriteInteger("letters"u8, Letters);
    }
    // end

    public static Registration Answer(NodeExtensions node)
    {
        // sample: answer hello
        Registration answering = node.Methods.Answer(
            Method,
            static (scoped in Hello hello, ref QueryContext context) =>
                context.Reply(new Welcome { Letters = hello.Name.Length }));
        // end
        return answering;
    }

    public static Greeter MakeGreeter() => new();

    public static AskResult Ask(MainlineNode node, Endpoint destination, Instant now, Greeter greeter)
    {
        // sample: ask hello
        AskResult asked = node.Ask(destination, Method, new Hello { Name = "ann"u8 }, now, greeter);
        // end
        return asked;
    }

    // sample: hear of hello
    internal sealed class Greeter : IQueryListener
    {
        public long Letters { get; private set; }

        public void OnResponse(in KrpcMessage response, in Endpoint source, TimeSpan roundTrip, long cookie)
        {
            if (Method.TryReadResults(response, out Welcome welcome))
            {
                Letters += welcome.Letters;
            }
        }

        public void OnError(in KrpcMessage error, in Endpoint source, long cookie) => Letters = -error.ErrorCode;

        public void OnTimeout(in Endpoint destination, long cookie) => Letters = -1;
    }
    // end
}
