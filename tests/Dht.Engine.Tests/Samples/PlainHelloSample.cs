using Dht.Engine.Bencode;
using Dht.Engine.Krpc;
using Dht.Engine.Node;

namespace Dht.Engine.Tests.Samples;

/// <summary>A message of one's own in plain C#: records, strings, tasks.</summary>
internal static class PlainHelloSample
{
    // sample: plain hello
    private static readonly CustomMethod<Hello, Welcome> Method = new("hello");

    private sealed record Hello(string Name) : IKrpcBody<Hello>
    {
        public static bool TryRead(KrpcBodyReader body, out Hello value)
        {
            bool isSound = body.TryGetText("name"u8, out string name);
            value = new Hello(name);
            return isSound;
        }

        public void Write(ref KrpcBodyWriter body) => body.WriteText("name"u8, Name);
    }

    private sealed record Welcome(string Text) : IKrpcBody<Welcome>
    {
        public static bool TryRead(KrpcBodyReader body, out Welcome value)
        {
            bool isSound = body.TryGetText("text"u8, out string text);
            value = new Welcome(text);
            return isSound;
        }

        public void Write(ref KrpcBodyWriter body) => body.WriteText("text"u8, Text);
    }
    // end

    public static async Task<string> Run(DhtEngine engine, DhtEngine other, TimeSpan patience)
    {
        // sample: ask plain hello
        using Registration answering = other.Methods.Answer(Method, hello => new Welcome($"hello, {hello.Name}"));
        using var limit = new CancellationTokenSource(patience);
        QueryResult<Welcome> result = await engine.QueryAsync(
            Method, other.LocalEndpoint, new Hello("ann"), limit.Token);
        string text = result.Status switch
        {
            QueryStatus.Answered => result.Results!.Text,
            QueryStatus.Error => $"{result.ErrorCode}: {result.ErrorText}",
            _ => result.Status.ToString(),
        };
        // end
        return text;
    }

    public static async Task<BencodeValue?> RunDocument(DhtEngine engine, DhtEngine other)
    {
        // sample: document
        var sum = new CustomMethod<KrpcDocument, KrpcDocument>("sum");
        using Registration answering = other.Methods.Answer(sum, asked =>
        {
            long total = 0;
            foreach (BencodeValue number in asked.Value["numbers"])
            {
                total += number.GetInteger();
            }

            return new KrpcDocument(new BencodeBuilder { ["total"] = total });
        });
        var question = new KrpcDocument(new BencodeBuilder { ["numbers"] = BencodeValue.FromList(3, 4, 5) });
        QueryResult<KrpcDocument> result = await engine.QueryAsync(sum, other.LocalEndpoint, question);
        // end
        return result.Results?.Value["total"];
    }
}
