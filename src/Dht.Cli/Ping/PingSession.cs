using System.Globalization;
using System.Text;
using Dht.Cli.Arguments;
using Dht.Cli.Joining;
using Dht.Cli.Output;
using Dht.Engine;
using Dht.Engine.Addressing;
using Dht.Engine.Node;

namespace Dht.Cli.Ping;

/// <summary>One run of <c>dht ping</c>.</summary>
internal static class PingSession
{
    // One datagram may be lost; two in a row mean something.
    private const int Rounds = 2;

    // A node that refuses, or a system that does, may not do so a second later.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public static async Task<int> RunAsync(HostPort target, NetworkSettings network, OutputSettings output)
    {
        StopSignal stop = StopSignal.Instance;
        EntryNodes nodes = await EntryNodes.FindAsync(network with { Bootstrap = [target] }, 0, stop.Token)
            .ConfigureAwait(false);
        if (stop.IsRaised)
        {
            return ExitCode.Interrupted;
        }

        if (nodes.WhyNobody() is { } reason)
        {
            throw new FailureException(reason);
        }

        var watch = new AnswerWatch();
        await using DhtEngine engine = EngineStarter.StartBrief(
            new DhtEngineOptions
            {
                Bind = nodes.Bind,
                Transport = network.Transport,
                AddressPolicy = network.AddressPolicy,
                Node = new NodeOptions { ReadOnly = network.ReadOnly },
            },
            watch);
        try
        {
            Endpoint[] destinations = OneOfEachFamily(nodes.Reached);
            (Endpoint Destination, PingResult Result)? answer = await PingAsync(engine, destinations, stop.Token)
                .ConfigureAwait(false);
            if (answer == null)
            {
                SilenceFacts facts = watch.FactsOf(engine.Counters, open: 0);
                throw new FailureException(SilenceReason.Describe(facts, string.Join(" and ", destinations)));
            }

            Print(answer.Value.Destination, answer.Value.Result, output.Json);
            return ExitCode.Done;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
    }

    /// <summary>A name may stand for a node that is dead in one family and alive in the other.</summary>
    internal static Endpoint[] OneOfEachFamily(IEnumerable<Endpoint> endpoints) =>
        [.. endpoints.GroupBy(static endpoint => endpoint.Family).OrderBy(static group => group.Key)
            .Select(static group => group.First())];

    /// <summary>Asks one after another, each twice; null when none answers.</summary>
    internal static async Task<(Endpoint Destination, PingResult Result)?> PingAsync(
        DhtEngine engine, Endpoint[] destinations, CancellationToken stop)
    {
        for (int round = 1; round <= Rounds; round++)
        {
            bool isHasty = false;
            foreach (Endpoint destination in destinations)
            {
                PingResult result = await engine.PingAsync(destination, stop).ConfigureAwait(false);
                switch (result.Status)
                {
                    case QueryStatus.Answered:
                        return (destination, result);
                    case QueryStatus.Error when !new ErrorReply(result.ErrorCode, result.ErrorText).IsForNow:
                        return null;
                    case QueryStatus.Error or QueryStatus.NotSent:
                        isHasty = true;
                        break;
                    case QueryStatus.TimedOut:
                        break;
                    default:
                        throw new FailureException($"{destination} could not be asked: {result.Status}");
                }
            }

            if (isHasty && round < Rounds)
            {
                await Task.Delay(Pause, stop).ConfigureAwait(false);
            }
        }

        return null;
    }

    private static void Print(Endpoint destination, PingResult result, bool asJson)
    {
        double milliseconds = Math.Round(result.RoundTrip.TotalMilliseconds, 3);
        string version = VersionOf(result);
        if (!asJson)
        {
            string said = version.Length > 0 ? $" version {version}" : string.Empty;
            StandardOutput.TryWriteLine(
                string.Create(
                    CultureInfo.InvariantCulture, $"{destination} {milliseconds:0.###} ms id {result.Id}{said}"));
            return;
        }

        JsonOutput.Write(json =>
        {
            json.WriteString("id", result.Id.ToString());
            json.WriteString("ip", destination.ToAddress().ToString());
            json.WriteNumber("port", destination.Port);
            json.WriteNumber("rttMs", milliseconds);
            json.WriteString("version", version);
        });
    }

    private static string VersionOf(PingResult result)
    {
        Span<byte> raw = stackalloc byte[NodeVersion.SizeMax];
        Span<byte> text = stackalloc byte[VersionText.SizeMax];
        return Encoding.ASCII.GetString(text[..VersionText.Write(raw[..result.Version.CopyTo(raw)], text)]);
    }
}
