using Dht.Engine.Addressing;
using Dht.Engine.Bencode;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Tests.Engine;
using Dht.Engine.Tests.Krpc;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Samples;

/// <summary>The samples of docs/extending.md that need an engine.</summary>
public sealed class ExtendingEngineTests
{
    [Fact]
    public async Task OneOwnTable_TakesTheContactThatAnswered()
    {
        await using DhtEngine other = Loopback.Start(Loopback.Options());
        (var table, QueryStatus status) = await TableSample.Own(Loopback.Options(), other.LocalEndpoint);
        Assert.Equal(QueryStatus.Answered, status);
        Assert.Equal(1, table.Count);
    }

    [Fact]
    public async Task PlainHello_GoesRound()
    {
        await using DhtEngine engine = Loopback.Start(Loopback.Options());
        await using DhtEngine other = Loopback.Start(Loopback.Options());
        Assert.Equal("hello, ann", await PlainHelloSample.Run(engine, other, Loopback.Patience));
        Assert.Equal(BencodeValue.FromInteger(12), await PlainHelloSample.RunDocument(engine, other));
    }

    [Fact]
    public async Task TheCallback_HearsOfTheAnswer()
    {
        await using DhtEngine engine = Loopback.Start(Loopback.Options());
        await using DhtEngine other = Loopback.Start(Loopback.Options());
        var end = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.Equal(AskResult.Sent, await CallbackSample.Run(engine, other.LocalEndpoint, end));
        Assert.Equal($"{other.Id} answered", await end.Task.WaitAsync(Loopback.Patience));
    }

    [Fact]
    public async Task TheTransport_CarriesQueriesAndForeignDatagrams()
    {
        Endpoint here = Endpoint.Parse("8.8.8.8:1");
        Endpoint there = Endpoint.Parse("9.9.9.9:2");
        TransportSample.SharedPort? left = null;
        TransportSample.SharedPort? right = null;
        left = new TransportSample.SharedPort(here, (datagram, _) => right!.Deliver(datagram, here));
        right = new TransportSample.SharedPort(there, (datagram, _) => left.Deliver(datagram, there));
        var foreign = new Foreign();
        await using DhtEngine engine = TransportSample.Make(Loopback.Options(), left, foreign);
        await using DhtEngine other = TransportSample.Make(Loopback.Options(), right, foreign);
        engine.Start();
        other.Start();
        PingResult ping = await engine.PingAsync(there);
        Assert.Equal((QueryStatus.Answered, other.Id), (ping.Status, ping.Id));
        left.Deliver([0x41, 0, 7], there);
        Assert.Equal("A\0\u0007", await foreign.First.Task.WaitAsync(Loopback.Patience));
    }

    [Fact]
    public async Task AnExternalAddress_ReDerivesTheId()
    {
        (NodeId before, NodeId after) = await IdentitySample.SetAddress(Loopback.Options());
        Assert.NotEqual(before, after);
        Assert.True(SecureNodeId.IsValid(after, Endpoint.Parse("84.124.73.14:6881")));
    }

    private sealed class Foreign : IDatagramReceiver
    {
        public TaskCompletionSource<string> First { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void OnDatagram(ReadOnlySpan<byte> datagram, in Endpoint source, in Endpoint local) =>
            First.TrySetResult(Wire.Text(datagram));
    }
}
