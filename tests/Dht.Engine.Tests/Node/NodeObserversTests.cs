using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Krpc;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Support.NodeHarness;

namespace Dht.Engine.Tests.Node;

public sealed class NodeObserversTests
{
    private static readonly Endpoint Other = Endpoint.Parse("9.9.9.9:6881");

    private readonly NodeHarness _node = new(new NodeOptions { QueriesPerSecondPerAddress = 0 });
    private readonly List<string> _told = [];

    private NodeObservers Observers => _node.Node.Extensions.Observers;

    [Fact]
    public void EachEvent_IsToldWithWhatBelongsToIt()
    {
        Observers.Add(new Teller(_told, ""));
        _node.Receive(Ping);
        Assert.Equal(["query Ping from 8.8.8.8:6881"], Told());

        _node.Take();
        _node.Node.Ping(Other, _node.Now);
        string id = _node.TakeQuery().TransactionId;
        _node.Advance(TimeSpan.FromMilliseconds(50));
        _node.Receive(Pong(id), Other);
        var contact = new NodeId(Wire.Bytes(Wire.IdB));
        Assert.Equal([$"found {contact} at {Other}", $"response of {contact} from {Other} in 50 ms"], Told());

        _node.Take();
        _node.Node.Ping(Other, _node.Now);
        string second = _node.TakeQuery().TransactionId;
        _node.Receive(Wire.Bytes($"d1:eli202e4:busye1:t8:{second}1:y1:ee"), Other);
        Assert.Equal([$"error 202 from {Other}"], Told());

        for (int i = 0; i < 8 && _told.Count == 0; i++)
        {
            _node.Node.Table(IpFamily.IPv4).MarkFailed(contact, Other);
        }

        Assert.Equal([$"lost {contact} at {Other}"], Told());

        _node.Node.Ping(Other.WithPort(9), _node.Now);
        _node.Advance(TimeSpan.FromSeconds(3));
        Assert.Contains($"timeout of {Other.WithPort(9)}", Told());

        _node.Node.SetExternalAddress(Endpoint.Parse("84.124.73.14:1"));
        Assert.Contains(
            Told(),
            told => told.StartsWith("external ", StringComparison.Ordinal)
                && told.EndsWith("84.124.73.14:1", StringComparison.Ordinal));

        NodeId target = NodeId.Random(new SeededRandomSource(9));
        Assert.True(_node.Node.TryStartLookup(
            new LookupRequest { Kind = LookupKind.FindNode, Target = target }, _node.Now, out _));
        _node.Advance(TimeSpan.Zero);
        for (int i = 0; i < 30; i++)
        {
            _node.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Contains(Told(), told => told.StartsWith($"lookup FindNode {target}", StringComparison.Ordinal));
        Assert.Equal(0, _node.Counters.Faults);
    }

    [Fact]
    public void AnAnnouncement_IsToldWhenItsAnswerIsStaged()
    {
        string reply = _node.Ask(KrpcSamples.Get("get_peers"));
        int at = reply.IndexOf("5:token", StringComparison.Ordinal) + "5:token".Length;
        int colon = reply.IndexOf(':', at);
        int length = int.Parse(reply[at..colon], System.Globalization.CultureInfo.InvariantCulture);
        string token = reply.Substring(colon + 1, length);
        Observers.Add(new Teller(_told, "") { OnTold = () => Assert.True(_told.Count == 1 || _node.Outbox.Count > 0) });
        _node.Take();
        _node.Receive(Wire.Query("announce_peer", $"9:info_hash20:{Wire.IdB}4:porti7e5:token{Wire.Str(token)}"));
        Assert.Equal(
            ["query AnnouncePeer from 8.8.8.8:6881", $"announce {new InfoHash(Wire.Bytes(Wire.IdB))} by 8.8.8.8:7"],
            Told());
        _node.Receive(Wire.Query("announce_peer", $"9:info_hash20:{Wire.IdB}4:porti7e5:token1:x"));
        Assert.Equal(["query AnnouncePeer from 8.8.8.8:6881"], Told());
        Assert.Equal(0, _node.Counters.Faults);
    }

    [Fact]
    public void AThrowingObserver_DisturbsNobody()
    {
        Observers.Add(new Teller(_told, "last "), -1);
        Observers.Add(
            new Teller(_told, "first ") { OnTold = () => throw new InvalidOperationException("not today") }, 1);
        Registration middle = Observers.Add(new Teller(_told, "middle "));
        Assert.True(_node.AnswersPing());
        Assert.Equal(
            [
                "first query Ping from 8.8.8.8:6881",
                "middle query Ping from 8.8.8.8:6881",
                "last query Ping from 8.8.8.8:6881",
            ],
            Told());
        Assert.Equal(1, _node.Counters.Faults);
        middle.Dispose();
        Assert.True(_node.AnswersPing());
        Assert.Equal(2, Told().Count);
    }

    [Fact]
    public void AnObserverThatAnotherTakesOut_IsNotToldAnyMore()
    {
        Registration? later = null;
        Observers.Add(new Teller(_told, "first ") { OnTold = () => later!.Dispose() }, 1);
        later = Observers.Add(new Teller(_told, "later "));
        Assert.True(_node.AnswersPing());
        Assert.Equal(["first query Ping from 8.8.8.8:6881"], Told());
    }

    [Fact]
    public void Telling_AllocatesNothing()
    {
        Observers.Add(new Counting());
        Observers.Add(new Counting());
        var faults = new NodeFaults(static () => null);
        AllocationGuard.AssertNone((_node.Node.Extensions.Observers, faults), static to =>
        {
            KrpcMessage.Parse(Ping, out KrpcMessage message);
            (NodeObservers observers, NodeFaults faults) = to;
            for (int i = 0; i < 100; i++)
            {
                observers.ContactFound(faults, default);
                observers.ContactLost(faults, default);
                observers.Query(faults, message, Asker);
                observers.Response(faults, message, Asker, TimeSpan.Zero);
                observers.Error(faults, message, Asker);
                observers.Timeout(faults, Asker);
                observers.Announce(faults, default, Asker);
                observers.ExternalAddressChanged(faults, Asker, Other);
                observers.LookupFinished(faults, default);
            }
        });
        Assert.Equal(0, faults.Count);
    }

    private List<string> Told()
    {
        List<string> told = [.. _told];
        _told.Clear();
        return told;
    }

    private sealed class Counting : INodeObserver
    {
        public int Queries { get; private set; }

        public void OnQuery(in KrpcMessage query, in Endpoint source) => Queries++;
    }

    private sealed class Teller(List<string> told, string prefix) : INodeObserver
    {
        public Action? OnTold { get; init; }

        public void OnContactFound(in CompactNode contact) => Tell($"found {contact.Id} at {contact.Endpoint}");

        public void OnContactLost(in CompactNode contact) => Tell($"lost {contact.Id} at {contact.Endpoint}");

        public void OnQuery(in KrpcMessage query, in Endpoint source) => Tell($"query {query.Method} from {source}");

        public void OnResponse(in KrpcMessage response, in Endpoint source, TimeSpan roundTrip) =>
            Tell($"response of {response.SenderId} from {source} in {roundTrip.TotalMilliseconds} ms");

        public void OnError(in KrpcMessage error, in Endpoint source) => Tell($"error {error.ErrorCode} from {source}");

        public void OnTimeout(in Endpoint destination) => Tell($"timeout of {destination}");

        public void OnAnnounce(in InfoHash infoHash, in Endpoint peer) => Tell($"announce {infoHash} by {peer}");

        public void OnExternalAddressChanged(in Endpoint previous, in Endpoint current) =>
            Tell($"external {previous} to {current}");

        public void OnLookupFinished(in LookupReport report) => Tell($"lookup {report.Kind} {report.Target}");

        private void Tell(string what)
        {
            told.Add(prefix + what);
            OnTold?.Invoke();
        }
    }
}
