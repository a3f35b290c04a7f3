using System.Net.Sockets;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Engine;

/// <summary>
/// Custom RPC method: "hello", which the engine knows nothing of, goes with its own typed request and response from
/// one node to another and back.
/// </summary>
public sealed class CustomRpcMethodTests
{
    private static readonly CustomMethod<Greeting, Welcome> Hello = new("hello");

    [Fact]
    public async Task Hello_GoesRoundBetweenTwoNodes()
    {
        await using DhtEngine host = Loopback.Start(Loopback.Options());
        await using DhtEngine guest = Loopback.Start(Loopback.Options());
        using Registration answer = host.Methods.Answer(
            Hello, static greeting => new Welcome($"Welcome, {greeting.Name}", greeting.Age + 1));
        QueryResult<Welcome> result = await guest.QueryAsync(Hello, host.LocalEndpoint, new Greeting("Zoë", 41));
        Assert.Equal(QueryStatus.Answered, result.Status);
        Assert.Equal(new Welcome("Welcome, Zoë", 42), result.Results);
        Assert.Equal(host.Id, result.Id);
        Assert.InRange(result.RoundTrip, TimeSpan.Zero, Loopback.Patience);

        // In the other direction it is not answered, and here no more either once it is taken out.
        Assert.Equal(204, (await host.QueryAsync(Hello, guest.LocalEndpoint, new Greeting("x", 1))).ErrorCode);
        answer.Dispose();
        Assert.Equal(204, (await guest.QueryAsync(Hello, host.LocalEndpoint, new Greeting("x", 1))).ErrorCode);
    }

    [Fact]
    public async Task OnTheWire_ItIsAnOrdinaryQuery_AndWrongArgumentsGive203()
    {
        await using DhtEngine host = Loopback.Start(Loopback.Options());
        host.Methods.Answer(Hello, static greeting => new Welcome(greeting.Name, greeting.Age));
        using Socket socket = Loopback.Connect(host);
        string reply = Text(
            Loopback.Ask(socket, Bytes($"d1:ad3:agei7e2:id20:{IdA}4:name2:Joe1:q5:hello1:t2:aa1:y1:qe")));
        Assert.Contains(
            $"1:rd3:agei7e2:id20:{WireText.Of(host.Id)}4:text2:Joe1:t2:aa", reply, StringComparison.Ordinal);
        Assert.Equal(203, WireText.ErrorOf(Loopback.Ask(socket, Query("hello", "4:name2:Jo"))).Code);
    }

    [Fact]
    public async Task AnAnswerOfAnotherShape_IsToldAsMalformed()
    {
        var other = new CustomMethod<Greeting, Greeting>("hello");
        await using DhtEngine host = Loopback.Start(Loopback.Options());
        await using DhtEngine guest = Loopback.Start(Loopback.Options());
        host.Methods.Answer(other, static greeting => greeting);
        QueryResult<Welcome> result = await guest.QueryAsync(Hello, host.LocalEndpoint, new Greeting("Jo", 1));
        Assert.Equal((QueryStatus.Malformed, null), (result.Status, result.Results));
    }

    private sealed record Greeting(string Name, long Age) : IKrpcBody<Greeting>
    {
        public static bool TryRead(KrpcBodyReader body, out Greeting value)
        {
            bool isSound = body.TryGetInteger("age"u8, out long age) & body.TryGetText("name"u8, out string name);
            value = new Greeting(name, age);
            return isSound;
        }

        public void Write(ref KrpcBodyWriter body)
        {
            body.WriteInteger("age"u8, Age);
            body.WriteText("name"u8, Name);
        }
    }

    private sealed record Welcome(string Text, long Age) : IKrpcBody<Welcome>
    {
        public static bool TryRead(KrpcBodyReader body, out Welcome value)
        {
            bool isSound = body.TryGetInteger("age"u8, out long age) & body.TryGetText("text"u8, out string text);
            value = new Welcome(text, age);
            return isSound;
        }

        public void Write(ref KrpcBodyWriter body)
        {
            body.WriteInteger("age"u8, Age);
            body.WriteText("text"u8, Text);
        }
    }
}
