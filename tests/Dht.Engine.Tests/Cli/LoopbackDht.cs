using System.Diagnostics;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Routing;
using Dht.Engine.Tests.Engine;

namespace Dht.Engine.Tests.Cli;

/// <summary>
/// A few nodes of the engine in this process, all at one loopback address, for the executable to talk to.
/// </summary>
internal sealed class LoopbackDht : IAsyncDisposable
{
    /// <summary>The infohash that tests look for.</summary>
    public const string InfoHashText = "0123456789abcdef0123456789abcdef01234567";

    private readonly List<DhtEngine> _engines = [];

    public static InfoHash InfoHash { get; } = InfoHash.Parse(InfoHashText);

    public DhtEngine this[int index] => _engines[index];

    /// <summary>
    /// What every command needs to find the first node, and to be served by nodes that share an address.
    /// </summary>
    public string[] Arguments =>
        ["--bootstrap", _engines[0].LocalEndpoint.ToString(), "--bind", BindText, "--allow-loopback", "--no-throttle"];

    private string BindText => _engines[0].LocalEndpoint.WithPort(0).ToString();

    /// <summary>Starts nodes that all know of each other through the first.</summary>
    public static async Task<LoopbackDht> StartAsync(int count, string bind = "127.0.0.1:0")
    {
        var dht = new LoopbackDht();
        for (int i = 0; i < count; i++)
        {
            dht._engines.Add(Loopback.Start(new DhtEngineOptions
            {
                Bind = Endpoint.Parse(bind),
                AddressPolicy = AddressPolicy.AllowLocal,
                Bootstrap = i == 0 ? [] : [dht[0].LocalEndpoint],
                Node = new NodeOptions
                {
                    AnswersPerSecondPerAddress = 0,
                    QueriesPerSecondPerAddress = 0,
                    Table = new RoutingTableOptions { AllowSharedAddresses = true },
                },
            }));
        }

        // The first must have them all before it can name them.
        var waited = Stopwatch.StartNew();
        while (dht[0].Counters.Contacts < count - 1
            || dht._engines.Exists(engine => engine.Counters.Contacts == 0 && count > 1))
        {
            Assert.True(waited.Elapsed < Loopback.Patience, $"The first node has {dht[0].Counters.Contacts} contacts.");
            await Task.Delay(20);
        }

        return dht;
    }

    /// <summary>Makes a node hold a peer, as if it had been announced there.</summary>
    public async Task StoreAsync(int node, string peer) =>
        Assert.True(
            await _engines[node].InvokeAsync((inner, now) => inner.Peers.TryAdd(InfoHash, Endpoint.Parse(peer), now)));

    /// <summary>Peers that the nodes hold in all.</summary>
    public async Task<int> CountPeersAsync()
    {
        int sum = 0;
        foreach (DhtEngine engine in _engines)
        {
            sum += await engine.InvokeAsync(static (inner, _) => inner.Peers.PeerCount);
        }

        return sum;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (DhtEngine engine in _engines)
        {
            await engine.DisposeAsync();
        }
    }
}
