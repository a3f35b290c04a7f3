using System.Diagnostics;
using System.Text.Json;
using Dht.Cli.Arguments;
using Dht.Cli.Output;
using Dht.Engine;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Microsoft.Extensions.Logging;

namespace Dht.Cli.Lookups;

/// <summary>One run of a lookup: start a node, join, look up, report, all within the time limit.</summary>
internal abstract class LookupSession
{
    // One datagram may be lost, and there may be only one bootstrap node.
    private const int JoinAttempts = 2;

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
        MembershipSettings membership = _settings.Membership;
        Endpoint bind = membership.BindOr(0);
        Bootstrap.CheckAddresses(membership.PlacesFrom(bind), membership.Network.AddressPolicy);
        long startedAt = Stopwatch.GetTimestamp();
        await using DhtEngine engine = EngineStarter.StartKeeping(
            OptionsFor(membership, bind, state, Output.LoggerFactory));
        LookupResult result = await JoinAndLookUpAsync(engine, bind, lines, limit.Token).ConfigureAwait(false);
        await engine.StopAsync().ConfigureAwait(false);

        // There is no reader left who wants to know how it ended.
        if (lines.IsClosed)
        {
            return ExitCode.Done;
        }

        bool isTimedOut = result.Status == LookupStatus.Cancelled && !stop.IsRaised;
        Report(result, isTimedOut, Stopwatch.GetElapsedTime(startedAt), lines);
        if (!stop.IsRaised
            && await WhyFailedAsync(result, isTimedOut, bind, stop.Token).ConfigureAwait(false) is { } reason)
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

    private static DhtEngineOptions OptionsFor(
        MembershipSettings membership, in Endpoint bind, StateWatch state, ILoggerFactory? log)
    {
        DhtEngineOptions options = membership.EngineOptions(bind, state, log);
        return !membership.Network.NoThrottle
            ? options
            : options with
            {
                Node = options.Node with { Table = options.Node.Table with { AllowSharedAddresses = true } },
            };
    }

    private async Task<LookupResult> JoinAndLookUpAsync(
        DhtEngine engine, Endpoint bind, LineOutput lines, CancellationToken stop)
    {
        if (IsVerbose)
        {
            string places = _settings.Membership.PlacesFrom(bind).Count switch
            {
                0 => "the contacts that were saved",
                1 => "1 bootstrap node",
                int count => $"{count} bootstrap nodes",
            };
            StandardError.WriteLine($"joining from {engine.LocalEndpoint} through {places}");
        }

        LookupStatus joined = await JoinAsync(engine, stop).ConfigureAwait(false);
        if (joined != LookupStatus.Finished)
        {
            return new LookupResult { Report = new LookupReport { Target = _target, Status = joined } };
        }

        if (IsVerbose)
        {
            StandardError.WriteLine(
                $"joined with {Human.Count(engine.Counters.Contacts)} contacts, {Activity} {_target}");
        }

        LookupResult result = await LookUpAsync(engine, lines, stop).ConfigureAwait(false);
        if (engine.Completion.IsFaulted)
        {
            // Throws what ended the loop by itself.
            await engine.Completion.ConfigureAwait(false);
        }

        return result;
    }

    private static async Task<LookupStatus> JoinAsync(DhtEngine engine, CancellationToken stop)
    {
        LookupStatus status = LookupStatus.None;
        for (int i = 0; i < JoinAttempts && status is LookupStatus.None or LookupStatus.NobodyAnswered; i++)
        {
            status = (await engine.JoinAsync(stop).ConfigureAwait(false)).Status;
        }

        return status;
    }

    private void Report(LookupResult result, bool isTimedOut, TimeSpan elapsed, LineOutput lines)
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
                    + $"{Human.Count(result.Report.Answered)} answered, "
                + $"{Human.Seconds(elapsed)}");
        }
    }

    private async Task<string?> WhyFailedAsync(
        LookupResult result, bool isTimedOut, Endpoint bind, CancellationToken stop)
    {
        switch (result.Status)
        {
            case LookupStatus.NobodyAnswered or LookupStatus.NobodyKnown:
                MembershipSettings membership = _settings.Membership;
                return await Bootstrap.WhyNobodyAsync(
                    membership.PlacesFrom(bind), bind, membership.Network.AddressPolicy, stop).ConfigureAwait(false);
            case LookupStatus.Busy or LookupStatus.Stopped:
                return "the engine ended the lookup before it was done";
            default:
                return result.Report.Answered > 0 ? FailureReason(result)
                    : isTimedOut ? $"nobody answered within {Human.Seconds(_settings.Timeout)}"
                    : "nobody answered";
        }
    }
}
