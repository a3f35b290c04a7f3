using Dht.Engine.Addressing;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Engine;

/// <summary>Names whose addresses change: what a name stands for now takes the place of what it stood for.</summary>
public sealed class HostEntriesTests
{
    private readonly NodeHarness _node = new();
    private readonly Dictionary<string, Endpoint[]> _answers = [];
    private int _asked;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ANameThatTurnsOverEachTime_LeavesRoomForTheAddressThatLives(bool isRouter)
    {
        HostEntries entries = Create(isRouter, "turning.test:6881");
        for (int round = 0; round < 20; round++)
        {
            _answers["turning.test"] = [.. Enumerable.Range(0, 8).Select(i => Place((round * 8) + i))];
            await entries.ResolveAsync();
            Assert.Equal(_answers["turning.test"], entries.Known);
            Assert.Equal(8, _node.Node.EntryCount);
        }

        _answers["turning.test"] = [Place(1_000)];
        await entries.ResolveAsync();
        Assert.Equal(1, _node.Node.EntryCount);
        _node.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains(_node.Take(), sent => sent.To == Place(1_000));
    }

    [Fact]
    public async Task ANameThatCannotBeResolved_KeepsWhatItStoodFor_AndOthersKeepTheirs()
    {
        HostEntries entries = Create(false, "one.test:6881", "two.test:6881", $"{Place(5)}");
        _node.Node.AddBootstrap(Place(5));
        _answers["one.test"] = [Place(1), Place(2), Place(5)];
        _answers["two.test"] = [Place(2), Place(3)];
        await entries.ResolveAsync();
        Assert.Equal(4, _node.Node.EntryCount);

        _answers["one.test"] = [];
        await entries.ResolveAsync();
        Assert.Equal(4, _node.Node.EntryCount);

        // What another name, or the options, still name is not gone.
        _answers["one.test"] = [Place(7)];
        await entries.ResolveAsync();
        Assert.Equal([Place(5), Place(7), Place(2), Place(3)], entries.Known);
        Assert.Equal(4, _node.Node.EntryCount);
    }

    [Fact]
    public async Task NamesAreResolved_OnceAMinute_HoweverOftenItIsLooked()
    {
        HostEntries entries = Create(false, "one.test:6881");
        for (int second = 0; second < 180; second += 5)
        {
            int before = _asked;
            entries.ResolveIfDue(_node.Now + TimeSpan.FromSeconds(second));
            if (second % 60 == 0)
            {
                await Eventually.Holds(() => _asked == before + 1, "the name was resolved");
            }
        }

        Assert.Equal(3, _asked);
    }

    private static Endpoint Place(int number) => Endpoint.FromIPv4(0x08080000 + (uint)number, 6881);

    private HostEntries Create(bool isRouter, params string[] places)
    {
        HostPort[] named = [.. places.Select(static place => HostPort.Parse(place))];
        DhtEngineOptions options = isRouter
            ? new DhtEngineOptions { Routers = named }
            : new DhtEngineOptions { Bootstrap = named };
        return new HostEntries(options, IpFamily.IPv4, new DirectEntrance(_node), (place, _) =>
        {
            _asked++;
            IReadOnlyList<Endpoint> found = _answers.GetValueOrDefault(place.Host, []);
            return Task.FromResult(found);
        });
    }

    private sealed class DirectEntrance(NodeHarness node) : ILoopEntrance
    {
        public bool IsStopped => false;

        public bool TryPost(ILoopCall call)
        {
            call.Run(node.Node, node.Now);
            return true;
        }
    }
}
