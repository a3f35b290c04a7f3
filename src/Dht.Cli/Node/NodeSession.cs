using System.Diagnostics;
using System.Globalization;
using Dht.Cli.Arguments;
using Dht.Cli.Output;
using Dht.Engine;
using Dht.Engine.Addressing;
using Dht.Engine.Node;

namespace Dht.Cli.Node;

/// <summary>One run of <c>dht node</c>.</summary>
internal static class NodeSession
{
    // A node counts as warm once so many packets have passed.
    private const long WarmPackets = 20_000;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ShowInterval = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(NetworkSettings network, TimeSpan? duration, OutputSettings output)
    {
        using var stop = new StopSignal();
        Endpoint bind = network.Bind ?? Bootstrap.WildcardFor(network.Bootstrap, NodeCommand.DefaultPort);
        List<Endpoint> bootstrap = await FindBootstrapAsync(network, bind, output, stop.Token).ConfigureAwait(false);
        if (stop.IsRaised)
        {
            return ExitCode.Interrupted;
        }

        await using DhtEngine engine = Sockets.Start(OptionsFor(network, bind, bootstrap) with { LoggerFactory = output.LoggerFactory });

        // Scripts wait for this line, so it comes even when no progress is wanted.
        StandardError.WriteLine($"listening {engine.LocalEndpoint} id {engine.Id}");
        long startedAt = Stopwatch.GetTimestamp();
        var allocations = new AllocationMeter();
        Follow(engine, allocations, stop, duration, output.Quiet);
        DhtEngineCounters counters = engine.Counters;

        if (engine.Completion.IsCompleted)
        {
            // Throws what ended the loop by itself.
            await engine.Completion.ConfigureAwait(false);
        }

        double bytesPerPacket = allocations.BytesPerPacket(counters.Transport.Received + counters.Transport.Sent);
        Print(counters, bytesPerPacket, Stopwatch.GetElapsedTime(startedAt), output.Json);
        return stop.IsRaised ? ExitCode.Interrupted : ExitCode.Done;
    }

    private static async Task<List<Endpoint>> FindBootstrapAsync(
        NetworkSettings network, Endpoint bind, OutputSettings output, CancellationToken stop)
    {
        // From a loopback address no public router can be reached: such a node waits to be found.
        IReadOnlyList<HostPort> places = network.Bootstrap.Count > 0 || Bootstrap.IsLocal(bind) ? network.Bootstrap : Bootstrap.PublicRouters;
        List<Endpoint> found = await Bootstrap.ResolveAsync(places, bind, stop).ConfigureAwait(false);
        if (found.Count == 0 && places.Count > 0 && !output.Quiet && !stop.IsCancellationRequested)
        {
            StandardError.WriteLine("no bootstrap node can be resolved and reached; waiting to be found by others");
        }

        return Bootstrap.Allowed(found, network.AddressPolicy);
    }

    private static DhtEngineOptions OptionsFor(NetworkSettings network, Endpoint bind, List<Endpoint> bootstrap)
    {
        var node = new NodeOptions { ReadOnly = network.ReadOnly };
        return new DhtEngineOptions
        {
            Bind = bind,
            Transport = network.Transport,
            AddressPolicy = network.AddressPolicy,

            // Those that the user names are ordinary nodes; the public ones serve everybody and belong in no table.
            Bootstrap = network.Bootstrap.Count > 0 ? bootstrap : [],
            Routers = network.Bootstrap.Count > 0 ? [] : bootstrap,
            Node = network.NoThrottle ? node with { AnswersPerSecondPerAddress = 0, QueriesPerSecondPerAddress = 0 } : node,
        };
    }

    /// <summary>Waits for the end. Between two lines of progress it allocates nothing.</summary>
    private static void Follow(DhtEngine engine, AllocationMeter allocations, StopSignal stop, TimeSpan? duration, bool quiet)
    {
        var received = new Rate();
        var answered = new Rate();
        long startedAt = Stopwatch.GetTimestamp();
        long shownAt = startedAt;
        while (!stop.IsRaised && !engine.Completion.IsCompleted)
        {
            TimeSpan left = (duration ?? TimeSpan.MaxValue) - Stopwatch.GetElapsedTime(startedAt);
            if (left <= TimeSpan.Zero)
            {
                return;
            }

            stop.Wait(left < LookInterval ? left : LookInterval);
            DhtEngineCounters counters = engine.Counters;
            long packets = counters.Transport.Received + counters.Transport.Sent;
            if (!allocations.IsWarm && packets >= WarmPackets)
            {
                allocations.MarkWarm(packets);
            }

            if (!quiet && Stopwatch.GetElapsedTime(shownAt) >= ShowInterval)
            {
                shownAt = Stopwatch.GetTimestamp();
                StandardError.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Stopwatch.GetElapsedTime(startedAt).TotalSeconds,6:N0} s  contacts {counters.Contacts:N0}"
                    + $"  packets in/s {received.Since(counters.Transport.Received):N0}"
                    + $"  answers/s {answered.Since(counters.Node.QueriesAnswered):N0}"));
            }
        }
    }

    private static void Print(DhtEngineCounters counters, double bytesPerPacket, TimeSpan elapsed, bool asJson)
    {
        if (!asJson)
        {
            Console.Out.WriteLine(
                $"{Human.Count(counters.Node.QueriesAnswered)} queries answered, {Human.Count(counters.Node.Throttled)} throttled, "
                + $"{Human.Count(counters.Malformed)} malformed, {Human.Count(counters.Contacts)} contacts after {Human.Seconds(elapsed)}");
            return;
        }

        JsonOutput.Write(json =>
        {
            json.WriteNumber("queriesAnswered", counters.Node.QueriesAnswered);
            json.WriteNumber("queriesReceived", counters.Node.QueriesReceived);
            json.WriteNumber("errorsSent", counters.Node.ErrorsSent);
            json.WriteNumber("malformed", counters.Malformed);
            json.WriteNumber("throttled", counters.Node.Throttled);
            json.WriteNumber("contacts", counters.Contacts);
            json.WriteNumber("packetsReceived", counters.Transport.Received);
            json.WriteNumber("packetsSent", counters.Transport.Sent);
            json.WriteMeasure("allocatedBytesPerPacket", bytesPerPacket);
            json.WriteMeasure("elapsedSeconds", elapsed.TotalSeconds);
        });
    }
}
