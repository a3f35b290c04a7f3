using System.Diagnostics;
using System.Globalization;
using Dht.Cli.Arguments;
using Dht.Cli.Output;
using Dht.Engine.Testing;

namespace Dht.Cli.Swarm;

/// <summary>One run of <c>dht swarm</c>.</summary>
internal static class SwarmSession
{
    private static readonly TimeSpan ShowInterval = TimeSpan.FromSeconds(10);

    public static int Run(LoopbackSwarmOptions options, TimeSpan? duration, OutputSettings output)
    {
        StopSignal stop = StopSignal.Instance;
        using LoopbackSwarm swarm = EngineStarter.Start(options);
        if (swarm.Notice is { } notice)
        {
            StandardError.WriteLine(notice);
        }

        // Scripts wait for this line, so it comes even when no progress is wanted.
        StandardError.WriteLine(
            $"swarm of {Human.Count(swarm.NodeCount)} nodes at {swarm.EndpointOf(0)}, {Human.Count(swarm.LiveCount)} "
                + "of them live, "
            + $"{Human.Bytes(swarm.MemoryBytes)}; Ctrl-C ends it");
        long startedAt = Stopwatch.GetTimestamp();
        Follow(swarm, stop, duration, output.Quiet);
        Print(swarm, Stopwatch.GetElapsedTime(startedAt), output.Json);
        return stop.IsRaised ? ExitCode.Interrupted : ExitCode.Done;
    }

    private static void Follow(LoopbackSwarm swarm, StopSignal stop, TimeSpan? duration, bool quiet)
    {
        var received = new Rate();
        var answered = new Rate();
        long startedAt = Stopwatch.GetTimestamp();
        while (!stop.IsRaised)
        {
            TimeSpan left = (duration ?? TimeSpan.MaxValue) - Stopwatch.GetElapsedTime(startedAt);
            if (left <= TimeSpan.Zero)
            {
                return;
            }

            stop.Wait(left < ShowInterval ? left : ShowInterval);
            if (!quiet && !stop.IsRaised && left >= ShowInterval)
            {
                StandardError.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Stopwatch.GetElapsedTime(startedAt).TotalSeconds,6:N0} s  datagrams in/s "
                        + $"{received.Since(swarm.DatagramsReceived):N0}"
                    + $"  answers/s {answered.Since(swarm.QueriesAnswered):N0}"));
            }
        }
    }

    private static void Print(LoopbackSwarm swarm, TimeSpan elapsed, bool asJson)
    {
        if (!asJson)
        {
            StandardOutput.WriteSummary(
                $"{Human.Count(swarm.DatagramsReceived)} datagrams received, {Human.Count(swarm.QueriesAnswered)} "
                    + "answered, "
                + $"{Human.Count(swarm.DatagramsLost)} lost, {Human.Count(swarm.DatagramsMalformed)} malformed after "
                + $"{Human.Seconds(elapsed)}");
            return;
        }

        JsonOutput.Write(json =>
        {
            json.WriteNumber("swarmNodes", swarm.NodeCount);
            json.WriteNumber("swarmNodesLive", swarm.LiveCount);
            json.WriteNumber("port", swarm.Port);
            json.WriteNumber("datagramsReceived", swarm.DatagramsReceived);
            json.WriteNumber("queriesAnswered", swarm.QueriesAnswered);
            json.WriteNumber("lost", swarm.DatagramsLost);
            json.WriteNumber("malformed", swarm.DatagramsMalformed);
            json.WriteNumber("memoryBytes", swarm.MemoryBytes);
            json.WriteMeasure("elapsedSeconds", elapsed.TotalSeconds);
        });
    }
}
