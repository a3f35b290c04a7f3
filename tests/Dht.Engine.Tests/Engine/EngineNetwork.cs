using System.Diagnostics;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Routing;
using Dht.Engine.Storage;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Engine;

/// <summary>
/// Many engines in one process, each at an address of its own in 127.0.0.0/8 and a /24 of its own, joined through the
/// first. Where a platform has only 127.0.0.1, they share it.
/// </summary>
internal sealed class EngineNetwork : IAsyncDisposable
{
    private readonly List<DhtEngine> _engines = [];
    private readonly HashSet<DhtEngine> _silent = [];

    private EngineNetwork()
    {
    }

    public IReadOnlyList<DhtEngine> Engines => _engines;

    public IReadOnlyList<DhtEngine> Live => [.. _engines.Where(engine => !_silent.Contains(engine))];

    public TimeSpan JoinTime { get; private set; }

    public TimeSpan SettleTime { get; private set; }

    /// <summary>Starts engines and joins them all at once.</summary>
    public static async Task<EngineNetwork> StartAsync(int count, Func<int, NodeOptions, NodeOptions>? change = null)
    {
        var network = new EngineNetwork();
        var watch = Stopwatch.StartNew();
        bool many = OperatingSystem.IsLinux();
        for (int i = 0; i < count; i++)
        {
            var node = new NodeOptions
            {
                Peers = new PeerStoreOptions
                {
                    PeerCapacity = 2_048,
                    InfoHashCapacity = 512,
                },
                Table = new() { AllowSharedAddresses = !many },
                QueriesPerSecondPerAddress = many ? 4 : 0,
                AnswersPerSecondPerAddress = many ? 20 : 0,
            };
            network._engines.Add(Loopback.Start(new DhtEngineOptions
            {
                Bind = Endpoint.FromIPv4(many ? 0x7F4D0001 + ((uint)i << 8) : 0x7F000001, 0),
                AddressPolicy = AddressPolicy.AllowLocal,
                Transport = TransportKind.Auto,
                Bootstrap = i == 0 ? [] : [network._engines[0].LocalEndpoint],
                Node = change == null ? node : change(i, node),
            }));
        }

        await Task.WhenAll(
            network._engines.Skip(1).Select(static engine => engine.JoinAsync())).WaitAsync(Loopback.Patience);
        await network.UntilAllKnow(Math.Min(8, count - 1));
        network.JoinTime = watch.Elapsed;
        return network;
    }

    /// <summary>Waits until each engine that answers has so many contacts.</summary>
    public async Task UntilAllKnow(int contacts)
    {
        var watch = Stopwatch.StartNew();
        while (Live.Any(engine => engine.Counters.Contacts < contacts))
        {
            Assert.True(watch.Elapsed < Loopback.Patience, $"Some know fewer than {contacts} contacts.");
            await Task.Delay(10);
        }
    }

    /// <summary>
    /// Waits until each engine has every node in its table for which there is surely a place: all of each bucket that
    /// so many or fewer belong in. Those near to it are among them.
    /// </summary>
    public async Task UntilSettled(int bucketSize)
    {
        var watch = Stopwatch.StartNew();
        foreach (DhtEngine engine in Live)
        {
            NodeId self = engine.Id;
            NodeId[] expected =
            [
                .. Live.Where(other => other != engine).Select(static other => other.Id).GroupBy(
                    id => self.CommonPrefixLength(id))
                    .Where(bucket => bucket.Count() <= bucketSize).SelectMany(static bucket => bucket),
            ];
            while (expected.Except(await Contacts(engine)).Any())
            {
                Assert.True(
                    watch.Elapsed < Loopback.Patience,
                    $"{self} lacks {expected.Except(await Contacts(engine)).Count()} of {expected.Length} neighbours.");
                await Task.Delay(50);
            }
        }

        SettleTime = watch.Elapsed;
    }

    /// <summary>From now on these answer nothing.</summary>
    public void Silence(IEnumerable<DhtEngine> engines)
    {
        foreach (DhtEngine engine in engines)
        {
            engine.Handlers.Add(static (ref QueryContext context) => context.Veto(), int.MaxValue);
            _silent.Add(engine);
        }
    }

    /// <summary>
    /// The live nodes nearest to a target, known from all of them; the asker is not among them.
    /// </summary>
    public NodeId[] TrueClosest(NodeId target, int count, DhtEngine asker) =>
    [
        .. Live.Where(engine => engine != asker).Select(static engine => engine.Id)
            .Order(Comparer<NodeId>.Create((left, right) => NodeId.CompareDistance(target, left, right))).Take(count),
    ];

    private static Task<NodeId[]> Contacts(DhtEngine engine) => engine.InvokeAsync((node, now) =>
    {
        var ids = new List<NodeId>();
        for (int cursor = 0; node.Table(IpFamily.IPv4).TryGetNext(ref cursor, now, out Contact contact);)
        {
            ids.Add(contact.Id);
        }

        return ids.ToArray();
    });

    public async ValueTask DisposeAsync() =>
        await Task.WhenAll(_engines.Select(static engine => engine.DisposeAsync().AsTask()));
}
