using System.Net;
using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Engine;

/// <summary>A lookup that is cancelled ends with a status and what was found until then; it does not throw.</summary>
public sealed class LookupCancellationTests : IAsyncLifetime, IDisposable
{
    private static readonly InfoHash Torrent = InfoHash.Parse("0123456789abcdef0123456789abcdef01234567");
    private static readonly Endpoint Peer = Endpoint.Parse("127.0.0.9:4711");
    private static readonly CancellationToken Cancelled = new(canceled: true);

    private readonly CancellationTokenSource _cancellation = new();
    private readonly Socket _silent = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly DhtEngine _other = Loopback.Start(Loopback.Options());
    private readonly DhtEngineOptions _options;
    private readonly DhtEngine _engine;

    public LookupCancellationTests()
    {
        _silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Endpoint silent = Loopback.AnyPort.WithPort((ushort)((IPEndPoint)_silent.LocalEndPoint!).Port);
        _options = Loopback.Options() with
        {
            Bootstrap = [_other.LocalEndpoint, silent],
            Node = new NodeOptions { QueryTimeout = Loopback.Patience, QueriesPerSecondPerAddress = 0 },
        };
        _engine = new DhtEngine(_options);

        // Nothing is asked but what the test asks.
        foreach (NodeTask task in _engine.Tasks.All.ToArray())
        {
            task.Interval = TimeSpan.MaxValue;
        }
    }

    public async Task InitializeAsync()
    {
        _engine.Start();
        await _other.InvokeAsync((node, now) => { node.Peers.TryAdd(Torrent, Peer, now); });

        // The node has joined by itself, so that the next response is one to the test.
        while (_engine.Counters.Contacts == 0)
        {
            await Task.Delay(1);
        }
    }

    public async Task DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _other.DisposeAsync();
    }

    public void Dispose()
    {
        _silent.Dispose();
        _cancellation.Dispose();
    }

    [Fact]
    public async Task CancelledBefore_EachIsOverAtOnce_WithNothing()
    {
        LookupResult found = await _engine.FindNodeAsync(_other.Id, Cancelled);
        Assert.Equal(
            (LookupStatus.Cancelled, LookupKind.FindNode, _other.Id),
            (found.Status, found.Report.Kind, found.Report.Target));
        Assert.Empty(found.Closest);
        LookupResult announced = await _engine.AnnounceAsync(Torrent, 1, Cancelled);
        Assert.Equal((LookupStatus.Cancelled, 0), (announced.Status, announced.Report.AnnouncesSent));
        JoinResult joined = await _engine.JoinAsync(Cancelled);
        Assert.Equal((LookupStatus.Cancelled, 0), (joined.Status, joined.Answered));
        PeerSearch search = _engine.GetPeersAsync(Torrent, Cancelled);
        await foreach (Endpoint _ in search)
        {
            Assert.Fail("There is no peer to come.");
        }

        Assert.Equal(LookupStatus.Cancelled, (await search.Completion).Status);
    }

    [Fact]
    public async Task FindNode_EndsWithTheContactsThatAnswered()
    {
        _engine.Observers.Add(new CancelOnResponse(_cancellation));
        LookupResult found = await _engine.FindNodeAsync(_other.Id, _cancellation.Token).WaitAsync(Loopback.Patience);
        Assert.Equal(LookupStatus.Cancelled, found.Status);
        Assert.Equal(_other.Id, Assert.Single(found.Closest).Id);
        Assert.Equal((2, 1), (found.Report.Asked, found.Report.Answered));
    }

    [Fact]
    public async Task GetPeers_EndsAfterThePeersThatWereNamed()
    {
        _engine.Observers.Add(new CancelOnResponse(_cancellation));
        PeerSearch search = _engine.GetPeersAsync(Torrent, _cancellation.Token);
        var peers = new List<Endpoint>();
        await foreach (Endpoint peer in search)
        {
            peers.Add(peer);
        }

        Assert.Equal([Peer], peers);
        LookupResult found = await search.Completion.WaitAsync(Loopback.Patience);
        Assert.Equal((LookupStatus.Cancelled, 1), (found.Status, found.Report.Peers));
        Assert.Equal(_other.Id, Assert.Single(found.Closest).Id);
    }

    [Fact]
    public async Task Join_EndsWithTheContactsThatAreKnown()
    {
        _engine.Observers.Add(new CancelOnResponse(_cancellation));
        JoinResult joined = await _engine.JoinAsync(_cancellation.Token).WaitAsync(Loopback.Patience);
        Assert.Equal((LookupStatus.Cancelled, 1), (joined.Status, joined.Answered));
        Assert.True(joined.HasJoined);
    }

    [Fact]
    public async Task WithAFullMailbox_TheEndDoesNotWaitForTheLoop()
    {
        await using DhtEngine engine = Loopback.Start(_options with { MailboxCapacity = 1 });
        using var hold = new ManualResetEventSlim();
        Task<LookupResult> lookup = engine.FindNodeAsync(_other.Id, _cancellation.Token);
        var isHeld = new TaskCompletionSource();
        Task held = await PostWhenThereIsRoom(engine, (_, _) =>
        {
            isHeld.SetResult();
            hold.Wait();
        });
        await isHeld.Task;
        Task waiting = engine.InvokeAsync((_, _) => { });
        await _cancellation.CancelAsync();
        Assert.Equal(LookupStatus.Cancelled, (await lookup.WaitAsync(Loopback.Patience)).Status);
        hold.Set();
        await held;
        await waiting;
    }

    private static async Task<Task> PostWhenThereIsRoom(DhtEngine engine, Action<MainlineNode, Instant> action)
    {
        while (true)
        {
            try
            {
                return engine.InvokeAsync(action);
            }
            catch (InvalidOperationException)
            {
                await Task.Delay(1);
            }
        }
    }

    private sealed class CancelOnResponse(CancellationTokenSource cancellation) : INodeObserver
    {
        public void OnResponse(in KrpcMessage response, in Endpoint source, TimeSpan roundTrip) =>
            cancellation.Cancel();
    }
}
