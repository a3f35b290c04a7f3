using Dht.Cli.Arguments;
using Dht.Cli.Joining;
using Dht.Cli.Output;
using Dht.Engine;
using Dht.Engine.Addressing;
using Dht.Engine.Crawling;
using Dht.Engine.Node;
using Dht.Engine.Testing;
using Dht.Engine.Transport;

namespace Dht.Cli.Crawl;

/// <summary>One run of <c>dht crawl</c>.</summary>
internal static class CrawlSession
{
    // Enough entries that a lost packet does not delay the beginning, and as few as a real bootstrap has.
    private const int SwarmEntries = 4;

    private const int RetriesUsual = 1;
    private const int RetriesUnderLoss = 2;

    public static async Task<int> RunAsync(CrawlSettings settings)
    {
        StopSignal stop = StopSignal.Instance;

        // First of all: that the output cannot be had is better known before the network is asked for anything.
        using NodeFile? file = settings.OutPath == null
            ? null
            : await NodeFileOpener.OpenAsync(settings.OutPath, settings.OutFormat!, settings.Existing, stop)
                .ConfigureAwait(false);
        if (stop.IsRaised)
        {
            return ExitCode.Interrupted;
        }

        using LoopbackSwarm? swarm = settings.Swarm == null ? null : EngineStarter.Start(settings.Swarm);
        if (swarm?.Notice is { } notice && !settings.Output.Quiet)
        {
            StandardError.WriteLine(notice);
        }

        EntryNodes? entries = swarm != null
            ? null
            : await EntryNodes.FindAsync(settings.Network, 0, stop.Token).ConfigureAwait(false);
        if (stop.IsRaised)
        {
            return ExitCode.Interrupted;
        }

        if (entries?.WhyNobody() is { } nobody)
        {
            throw new FailureException(nobody);
        }

        var engineOptions = new DhtEngineOptions
        {
            Bind = entries?.Bind ?? settings.Network.Bind ?? Endpoint.FromIPv4(0x7F000001, 0),
            Transport = settings.Network.Transport,
            AddressPolicy = settings.Network.AddressPolicy,
            Node = new NodeOptions { ReadOnly = settings.Network.ReadOnly },
            LoggerFactory = settings.Output.LoggerFactory,
        };
        await using DhtEngine engine = EngineStarter.Start(engineOptions);
        SwarmRecall? recall = swarm == null ? null : new SwarmRecall(swarm);
        AllocationMeter.StartPool();
        CrawlHandle crawl = engine.StartCrawl(new CrawlRequest
        {
            Start = entries?.Reached ?? EntriesOf(swarm!),
            Options = OptionsFor(settings, swarm),
            Observer = new CrawlSink(file, recall),
            FindStart = entries == null ? null : () => FindAgainAsync(entries),
            UntilComplete = settings.UntilComplete,
            NodesMax = settings.NodesMax,
        });
        using var watch = new CrawlWatch(engine, crawl, stop, settings, file, recall);
        ProgressFor(settings.Output).Follow(watch);
        CrawlReport report = await crawl.Completion.ConfigureAwait(false);
        var summary = new CrawlSummary(report, engine.Counters, watch.AllocatedBytesPerPacket, recall);
        return await FinishAsync(settings, watch.End, summary, entries, file).ConfigureAwait(false);
    }

    private static async Task<int> FinishAsync(
        CrawlSettings settings, CrawlEnd end, CrawlSummary summary, EntryNodes? entries, NodeFile? file)
    {
        FailureException? failure = null;
        try
        {
            Task finishing = file?.FinishAsync(static () => StopSignal.Instance.OutputTimeLeft) ?? Task.CompletedTask;
            await finishing.ConfigureAwait(false);
        }
        catch (FailureException fault)
        {
            bool isWanted = settings.OutPath != NodeFileOpener.StandardOutputName || !file!.IsReaderGone;
            failure = isWanted ? fault : null;
        }

        // Whatever became of the crawl and its file, what was counted is not lost.
        bool nobody = summary.Report.Counters.NodesAlive == 0;
        if (settings.Output.Json || !nobody || end == CrawlEnd.Interrupted)
        {
            summary.Print(settings.Output, settings.OutPath == NodeFileOpener.StandardOutputName);
        }

        if (end != CrawlEnd.Interrupted && nobody)
        {
            throw new FailureException(SilenceReason.Describe(FactsOf(summary), entries?.Who ?? "the swarm"));
        }

        if (failure != null)
        {
            throw failure;
        }

        return end == CrawlEnd.Interrupted ? ExitCode.Interrupted : ExitCode.Done;
    }

    private static SilenceFacts FactsOf(CrawlSummary summary)
    {
        CrawlCounters counters = summary.Report.Counters;
        TransportCounters transport = summary.Engine.Transport;
        return new SilenceFacts
        {
            Sent = counters.Queries - counters.NotSent,
            NotSent = counters.NotSent,
            SendError = transport.LastSendError,
            Errors = counters.Errors,
            Open = summary.Unsettled,
            Unusable = counters.Rejected + summary.Engine.Malformed + transport.Truncated,
            Within = summary.Unsettled > 0 ? summary.Report.Elapsed : null,
        };
    }

    private static async Task<IReadOnlyList<Endpoint>> FindAgainAsync(EntryNodes entries) =>
        (await entries.FindAgainAsync(CancellationToken.None).ConfigureAwait(false)).Reached;

    private static List<Endpoint> EntriesOf(LoopbackSwarm swarm)
    {
        var entries = new List<Endpoint>(SwarmEntries);
        int count = Math.Min(SwarmEntries, swarm.NodeCount);
        for (int i = 0; i < count; i++)
        {
            entries.Add(swarm.EndpointOf((int)((long)swarm.NodeCount * i / count)));
        }

        return entries;
    }

    private static CrawlOptions OptionsFor(CrawlSettings settings, LoopbackSwarm? swarm)
    {
        var usual = new CrawlOptions();
        bool unlimited = swarm != null;
        bool unthrottled = unlimited || settings.Network.NoThrottle;

        // A swarm on many ports has all its nodes at one address.
        bool crowded = settings.Network.NoThrottle || swarm?.Notice != null;
        return usual with
        {
            ReadOnly = settings.Network.ReadOnly,
            QueriesPerSecond = settings.Rate ?? (unlimited ? 0 : usual.QueriesPerSecond),
            NewDestinationsPerSecond = settings.NewDestinations ?? (unlimited ? 0 : usual.NewDestinationsPerSecond),
            QueriesPerSecondPerAddress = unthrottled ? 0 : usual.QueriesPerSecondPerAddress,
            NodesPerAddressMax = crowded ? 0 : usual.NodesPerAddressMax,
            SilentRetries = (int)(
                settings.Retries ?? (settings.Swarm?.LossPercent > 0 ? RetriesUnderLoss : RetriesUsual)),
            ExpectedNodes = swarm?.NodeCount ?? usual.ExpectedNodes,
        };
    }

    private static ICrawlProgress ProgressFor(OutputSettings output)
    {
        if (output.Quiet)
        {
            return new NoProgress();
        }

        return Console.IsErrorRedirected || Environment.GetEnvironmentVariable("TERM") == "dumb"
            ? new PlainProgress()
            : new LiveProgress();
    }
}
