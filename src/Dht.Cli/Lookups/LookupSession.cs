using System.Diagnostics;
using System.Text.Json;
using Dht.Cli.Arguments;
using Dht.Cli.Joining;
using Dht.Cli.Output;
using Dht.Engine;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;

namespace Dht.Cli.Lookups;

/// <summary>One run of a lookup: find where to begin, look up, report, all within the time limit.</summary>
internal abstract class LookupSession
{
    // Datagrams may be lost, and there may be only one bootstrap node.
    private const int AttemptsMax = 2;

    // For each bootstrap node: what refuses twice refuses for longer than anybody waits for a command.
    private const int RefusalsMax = 2;

    // A node that refuses, or a system that does, may not do so a second later.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    private readonly LookupSettings _settings;
    private readonly NodeId _target;

    protected LookupSession(LookupSettings settings, in NodeId target)
    {
        _settings = settings;
        _target = target;
    }

    protected OutputSettings Output => _settings.Output;

    /// <summary>The first words of a line about the lookup, such as "looking for peers of".</summary>
    protected abstract string Activity { get; }

    /// <summary>The key of the target in the JSON object.</summary>
    protected abstract string TargetKey { get; }

    private bool IsVerbose => !Output.Quiet;

    public async Task<int> RunAsync()
    {
        StopSignal stop = StopSignal.Instance;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        limit.CancelAfter(_settings.Timeout);
        var lines = new LineOutput();
        var state = new StateWatch();
        var watch = new AnswerWatch();
        MembershipSettings membership = _settings.Membership;
        long startedAt = Stopwatch.GetTimestamp();
        EntryNodes entries = await EntryNodes.FindAsync(membership.Network, 0, limit.Token).ConfigureAwait(false);
        LookupResult result = NotBegun(LookupStatus.NobodyKnown);
        SilenceFacts facts = default;
        if (limit.IsCancellationRequested)
        {
            result = NotBegun(LookupStatus.Cancelled);
        }
        else if (entries.WhyNobody() == null || File.Exists(membership.StatePath))
        {
            IReadOnlyList<HostPort> places = [.. entries.Reached.Select(HostPort.FromEndpoint)];
            await using DhtEngine engine = EngineStarter.StartBrief(
                membership.EngineOptions(entries.Bind, places, state, Output.LoggerFactory), watch);
            result = await LookUpPatientlyAsync(engine, entries, lines, limit.Token).ConfigureAwait(false);
            facts = await GatherAsync(engine, watch).ConfigureAwait(false);
            await engine.StopAsync().ConfigureAwait(false);
        }

        // There is no reader left who wants to know how it ended.
        if (lines.IsClosed)
        {
            return ExitCode.Done;
        }

        bool isTimedOut = result.Status == LookupStatus.Cancelled && !stop.IsRaised;
        Report(result, watch, isTimedOut, Stopwatch.GetElapsedTime(startedAt), lines);
        facts = facts with { Within = isTimedOut ? _settings.Timeout : null };
        if (!stop.IsRaised && WhyFailed(result, entries, facts) is { } reason)
        {
            throw new FailureException(reason);
        }

        return state.IsUnsaved ? ExitCode.Failed : stop.IsRaised ? ExitCode.Interrupted : ExitCode.Done;
    }

    /// <summary>Looks up until the end or until asked to stop; does not throw for the latter.</summary>
    protected abstract Task<LookupResult> LookUpAsync(DhtEngine engine, LineOutput lines, CancellationToken stop);

    /// <summary>Writes the result for people, as far as it has not been written before.</summary>
    protected abstract void Print(LookupResult result, LineOutput lines);

    /// <summary>What happened, in a few words for standard error.</summary>
    protected abstract string Describe(LookupResult result);

    /// <summary>Adds what only this lookup has to the JSON object.</summary>
    protected abstract void WriteJson(Utf8JsonWriter json, LookupResult result);

    /// <summary>Why it failed although a node answered; null when it did not.</summary>
    protected abstract string? FailureReason(LookupResult result);

    private static string Over(IpFamily families) => families switch
    {
        IpFamily.None => string.Empty,
        IpFamily.Both => " over IPv4 and IPv6",
        _ => $" over {families}",
    };

    private static async Task<SilenceFacts> GatherAsync(DhtEngine engine, AnswerWatch watch)
    {
        // Throws what ended the loop by itself.
        long open = engine.Completion.IsCompleted
            ? 0
            : await engine.InvokeAsync(static (node, _) => node.OpenQueries).ConfigureAwait(false);
        return watch.FactsOf(engine.Counters, open);
    }

    /// <summary>
    /// Looks up, beginning at the entries: nothing is asked that is not asked for. While nobody answers, it is tried
    /// once more, after a pause: a line may have to wake up, and a node that refuses now may not do so then.
    /// </summary>
    private async Task<LookupResult> LookUpPatientlyAsync(
        DhtEngine engine, EntryNodes entries, LineOutput lines, CancellationToken stop)
    {
        if (IsVerbose)
        {
            StandardError.WriteLine($"{Activity} {_target} from {engine.LocalEndpoint} through {entries.Who}");
        }

        for (int attempt = 1; ; attempt++)
        {
            LookupResult result = await LookUpAsync(engine, lines, stop).ConfigureAwait(false);
            if (engine.Completion.IsFaulted)
            {
                // Throws what ended the loop by itself.
                await engine.Completion.ConfigureAwait(false);
            }

            if (result.Status != LookupStatus.NobodyAnswered)
            {
                return result;
            }

            bool isLast = attempt >= AttemptsMax
                || engine.Counters.Node.Errors >= RefusalsMax * Math.Max(1, entries.Reached.Count);
            if (!await WaitForLateAsync(engine, isLast ? TimeSpan.Zero : Pause, stop).ConfigureAwait(false))
            {
                return new LookupResult { Report = result.Report with { Status = LookupStatus.Cancelled } };
            }

            if (isLast && (attempt > AttemptsMax || engine.Counters.Contacts == 0))
            {
                return result;
            }
        }
    }

    /// <summary>
    /// Waits until all queries have ended or one was answered after all, so that nobody is said to be silent who is
    /// only late.
    /// </summary>
    /// <returns>False when asked to stop.</returns>
    private static async Task<bool> WaitForLateAsync(DhtEngine engine, TimeSpan pause, CancellationToken stop)
    {
        long startedAt = Stopwatch.GetTimestamp();
        try
        {
            while (!engine.Completion.IsCompleted
                && (Stopwatch.GetElapsedTime(startedAt) < pause
                    || (engine.Counters.Contacts == 0
                        && await engine.InvokeAsync(static (node, _) => node.OpenQueries).ConfigureAwait(false) > 0)))
            {
                await Task.Delay(LookInterval, stop).ConfigureAwait(false);
            }

            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private LookupResult NotBegun(LookupStatus status) =>
        new() { Report = new LookupReport { Target = _target, Status = status } };

    private void Report(
        LookupResult result, AnswerWatch watch, bool isTimedOut, TimeSpan elapsed, LineOutput lines)
    {
        if (!Output.Json)
        {
            Print(result, lines);
        }
        else
        {
            JsonOutput.Write(json =>
            {
                json.WriteString(
                    "status",
                    isTimedOut ? "timedOut" : JsonNamingPolicy.CamelCase.ConvertName(result.Status.ToString()));
                json.WriteString(TargetKey, _target.ToString());
                WriteJson(json, result);
                LookupJson.WriteContacts(json, "closest", result.Closest);
                json.WriteNumber("asked", result.Report.Asked);
                json.WriteNumber("answered", result.Report.Answered);
                LookupJson.WriteFamilies(json, "families", watch.Families);
                json.WriteMeasure("lookupSeconds", result.Report.Elapsed.TotalSeconds);
                json.WriteMeasure("elapsedSeconds", elapsed.TotalSeconds);
            });
        }

        if (IsVerbose && result.Report.Asked > 0)
        {
            string early = isTimedOut
                ? "the time is up: "
                : result.Status == LookupStatus.Cancelled ? "stopped: "
                : string.Empty;
            StandardError.WriteLine(
                $"{early}{Describe(result)}; {Human.Count(result.Report.Asked)} nodes asked, "
                    + $"{Human.Count(result.Report.Answered)} answered{Over(watch.Families)}, "
                + $"{Human.Seconds(elapsed)}");
        }
    }

    private string? WhyFailed(LookupResult result, EntryNodes entries, in SilenceFacts facts)
    {
        if (result.Report.Answered > 0)
        {
            return FailureReason(result);
        }

        if (result.Status is LookupStatus.Busy or LookupStatus.Stopped)
        {
            return "the engine ended the lookup before it was done";
        }

        return facts is { Sent: 0, NotSent: 0 } && entries.WhyNobody() is { } nobody
            ? nobody
            : SilenceReason.Describe(facts, entries.Who);
    }
}
