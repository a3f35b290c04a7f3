using System.Diagnostics;
using Dht.Cli.Arguments;
using Dht.Cli.Joining;
using Dht.Cli.Output;
using Dht.Engine;

namespace Dht.Cli.Node;

/// <summary>One run of <c>dht node</c>.</summary>
internal static class NodeSession
{
    // A node counts as warm once so many packets have passed.
    private const long WarmPackets = 20_000;

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(200);

    public static async Task<int> RunAsync(MembershipSettings membership, TimeSpan? duration, OutputSettings output)
    {
        StopSignal stop = StopSignal.Instance;
        NetworkSettings network = membership.Network;

        // Names are resolved only where the choice of the socket depends on it: the engine resolves them again.
        EntryNodes entries = await EntryNodes.FindAsync(
            network, NodeCommand.DefaultPort, stop.Token, network.Bind == null ? null : EntryNodes.OnlyAddresses)
            .ConfigureAwait(false);
        if (stop.IsRaised)
        {
            return ExitCode.Interrupted;
        }

        entries.ThrowIfForbidden();
        var state = new StateWatch();
        var watch = new NodeWatch();
        var answers = new AnswerWatch();
        await using DhtEngine engine = EngineStarter.StartKeeping(
            membership.EngineOptions(entries.Bind, entries.Places, state, output.LoggerFactory), watch, answers);

        // Scripts wait for this line, so it comes even when no progress is wanted.
        StandardError.WriteLine($"listening {engine.LocalEndpoint} id {engine.Id}");
        long startedAt = Stopwatch.GetTimestamp();
        var allocations = new AllocationMeter();
        NodeProgress? progress = output.Quiet
            ? null
            : new NodeProgress(
                engine, watch, network.ReadOnly, () => WhyNobodyAsync(engine, entries, answers, stop.Token));
        Follow(engine, allocations, stop, duration, progress);
        DhtEngineCounters counters = engine.Counters;

        if (engine.Completion.IsCompleted)
        {
            // Throws what ended the loop by itself.
            await engine.Completion.ConfigureAwait(false);
        }

        var summary = new NodeSummary
        {
            Counters = counters,
            Id = engine.Id,
            Lookups = watch.Lookups,
            ExternalAddresses = watch.ExternalAddresses,
            BytesPerPacket = allocations.BytesPerPacket(counters.Transport.Received + counters.Transport.Sent),
            Elapsed = Stopwatch.GetElapsedTime(startedAt),
        };

        // The state is saved first: whoever reads the output may be slow.
        await engine.StopAsync().ConfigureAwait(false);
        summary.Print(output.Json);
        return state.IsUnsaved ? ExitCode.Failed : stop.IsRaised ? ExitCode.Interrupted : ExitCode.Done;
    }

    private static async Task<string> WhyNobodyAsync(
        DhtEngine engine, EntryNodes entries, AnswerWatch answers, CancellationToken stop)
    {
        EntryNodes now = await entries.FindAgainAsync(stop).ConfigureAwait(false);

        // There is always a query open while it tries; what is said is about those that have ended.
        DhtEngineCounters counters = engine.Counters;
        SilenceFacts facts = answers.FactsOf(counters, open: 0) with { Sent = counters.Node.Timeouts };
        return now.WhyNobody() ?? SilenceReason.Describe(facts, now.Who);
    }

    /// <summary>Waits for the end. Between two lines of progress it allocates nothing.</summary>
    private static void Follow(
        DhtEngine engine, AllocationMeter allocations, StopSignal stop, TimeSpan? duration, NodeProgress? progress)
    {
        long startedAt = Stopwatch.GetTimestamp();
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

            progress?.Show(counters);
        }
    }
}
