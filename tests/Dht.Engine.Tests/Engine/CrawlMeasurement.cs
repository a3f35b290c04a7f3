using Dht.Engine.Crawling;
using Dht.Engine.Testing;
using Dht.Engine.Tests.Crawling;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Engine;

/// <summary>
/// A crawl of 100,000 nodes in this process, and what the whole process (crawler, swarm and all) allocated from the
/// seventh part of the nodes on until nearly all were found.
/// </summary>
internal static class CrawlMeasurement
{
    private const int Nodes = 100_000;
    private const int WarmMarks = 7;
    private const int MarksMin = 40;

    /// <summary>Datagrams that the swarm received and sent, and bytes allocated by all threads meanwhile.</summary>
    public static async Task<(long Packets, long Allocated)> Run(TransportKind kind)
    {
        await using var swarm = LoopbackSwarm.Start(
            new LoopbackSwarmOptions { Nodes = Nodes, Seed = 53, DeadPercent = 5 });
        await using DhtEngine engine = Loopback.Start(Loopback.Options(kind));
        (long Bytes, long Packets) first = default;
        (long Bytes, long Packets) last = default;
        int marks = 0;
        var observer = new SwarmObserver(swarm)
        {
            MarkEvery = swarm.NodeCount / 50,
            OnMark = () =>
            {
                last = (GC.GetTotalAllocatedBytes(precise: true), swarm.DatagramsReceived + swarm.QueriesAnswered);
                first = ++marks == WarmMarks ? last : first;
            },
        };
        CrawlReport report = await engine.CrawlAsync(new CrawlRequest
        {
            Start = [swarm.EndpointOf(0)],
            Observer = observer,
            Options = new CrawlOptions
            {
                QueriesPerSecond = 0,
                NewDestinationsPerSecond = 0,
                QueriesPerSecondPerAddress = 0,
                NodesPerAddressMax = swarm.Notice is null ? 64 : 0,
                ExpectedNodes = Nodes,
            },
        });
        return report.Counters.NodesAlive >= swarm.LiveCount * 0.999 && marks > MarksMin
            ? (last.Packets - first.Packets, last.Bytes - first.Bytes)
            : throw new InvalidOperationException(
                $"The crawl found {report.Counters.NodesAlive} of {swarm.LiveCount} nodes.");
    }
}
