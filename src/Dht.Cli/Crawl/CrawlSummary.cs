using System.Diagnostics;
using System.Text.Json;
using Dht.Cli.Arguments;
using Dht.Cli.Output;
using Dht.Engine;
using Dht.Engine.Crawling;

namespace Dht.Cli.Crawl;

/// <summary>What a crawl came to, for scripts and for people.</summary>
/// <param name="Report">The engine's report.</param>
/// <param name="Engine">What the engine beneath it did: its own answers and pings are in the packets.</param>
/// <param name="AllocatedBytesPerPacket">Managed bytes of the whole process per datagram once warm.</param>
/// <param name="Recall">What was found of the swarm; null when there is no swarm.</param>
internal sealed record CrawlSummary(
    CrawlReport Report, DhtEngineCounters Engine, double AllocatedBytesPerPacket, SwarmRecall? Recall)
{
    /// <summary>Queries that were still open when the crawl ended: all but those of which an end is counted.</summary>
    public long Unsettled => Report.Counters.Queries - Report.Counters.Responses - Report.Counters.Errors
        - Report.Counters.Timeouts - Report.Counters.NotSent - Report.Counters.TakenBack;

    /// <param name="output">Who reads it.</param>
    /// <param name="isOutputTaken">Whether standard output has the nodes: then it is a part of the progress.</param>
    public void Print(OutputSettings output, bool isOutputTaken)
    {
        if (output.Json)
        {
            JsonOutput.Write(WriteMembers);
            return;
        }

        using var text = new StringWriter { NewLine = "\n" };
        PrintForPeople(text);
        string lines = text.ToString().TrimEnd();
        if (isOutputTaken && !output.Quiet)
        {
            StandardError.WriteLine(lines);
        }

        if (!isOutputTaken)
        {
            StandardOutput.WriteSummary(lines);
        }
    }

    private void WriteMembers(Utf8JsonWriter json)
    {
        CrawlCounters counters = Report.Counters;
        double seconds = Math.Max(Report.Elapsed.TotalSeconds, 1e-3);
        using var process = Process.GetCurrentProcess();
        json.WriteNumber("nodesSeen", counters.NodesSeen);
        json.WriteNumber("nodesAlive", counters.NodesAlive);
        json.WriteNumber("queries", counters.Queries);
        json.WriteNumber("responses", counters.Responses);
        json.WriteNumber("errors", counters.Errors);
        json.WriteNumber("timeouts", counters.Timeouts);
        json.WriteNumber("notSent", counters.NotSent);
        json.WriteNumber("takenBack", counters.TakenBack);
        json.WriteNumber("unsettled", Unsettled);
        json.WriteNumber("late", counters.Late);
        json.WriteNumber("malformed", Engine.Malformed);
        json.WriteNumber("rejected", counters.Rejected);
        json.WriteMeasure("elapsedSeconds", seconds);
        json.WriteMeasure("queriesPerSecond", counters.Queries / seconds);
        json.WriteMeasure("responsesPerSecond", counters.Responses / seconds);
        json.WriteMeasure("allocatedBytesPerPacket", AllocatedBytesPerPacket);
        json.WriteNumber("knownSetBytes", counters.KnownSetBytes);
        json.WriteNumber("peakWorkingSetBytes", process.PeakWorkingSet64);
        json.WriteNumber("samples", 0);
        json.WriteNumber("infoHashes", 0);
        json.WriteNumber("bogonsRefused", counters.BogonsRefused);
        json.WriteNumber("crowdedRefused", counters.CrowdedRefused);
        json.WriteNumber("knownSetFull", counters.KnownSetFull);
        json.WriteNumber("packetsSent", Engine.Transport.Sent);
        json.WriteNumber("packetsReceived", Engine.Transport.Received);
        json.WriteNumber("packetsLost", Engine.Transport.KernelDropped);
        json.WriteNumber("sendErrors", Engine.Transport.SendErrors);
        json.WriteNumber("truncated", Engine.Transport.Truncated);
        json.WriteNumber("queriesAnswered", Engine.Node.QueriesAnswered);
        json.WriteNumber("nodesRefusing", counters.NodesRefusing);
        json.WriteBoolean("complete", Report.IsComplete);
        WriteGaps(json);
        if (Recall is { } recall)
        {
            json.WriteNumber("swarmNodes", recall.Nodes);
            json.WriteNumber("swarmNodesLive", recall.Live);
            json.WriteNumber("liveFound", recall.Found);
            json.WriteNumber("recall", recall.Share);
        }
    }

    /// <summary>Why it is not complete: the names of the flags.</summary>
    private void WriteGaps(Utf8JsonWriter json)
    {
        json.WriteStartArray("gaps");
        foreach (CrawlGaps gap in Enum.GetValues<CrawlGaps>())
        {
            if (gap != CrawlGaps.None && Report.Gaps.HasFlag(gap))
            {
                json.WriteStringValue(JsonNamingPolicy.CamelCase.ConvertName(gap.ToString()));
            }
        }

        json.WriteEndArray();
    }

    private void PrintForPeople(TextWriter output)
    {
        CrawlCounters counters = Report.Counters;
        double seconds = Math.Max(Report.Elapsed.TotalSeconds, 1e-3);
        output.WriteLine(CrawlStateText.Outcome(Report));
        output.WriteLine($"{Human.Count(counters.NodesSeen)} nodes seen, {Human.Count(counters.NodesAlive)} alive");
        output.WriteLine(
            $"{Human.Count(counters.Queries)} queries ({Human.Count(counters.Queries / seconds)}/s), "
            + $"{Human.Count(counters.Responses)} responses, {Human.Count(counters.Errors)} errors, "
            + $"{Human.Count(counters.Timeouts)} timeouts, {Human.Count(Unsettled)} still open, "
            + $"{Human.Count(Engine.Malformed)} malformed");
        output.WriteLine(
            $"{Human.Count(Engine.Transport.Sent)} packets sent, {Human.Count(Engine.Transport.SendErrors)} refused "
                + "by the system, "
            + $"{Human.Count(Engine.Transport.KernelDropped)} lost in a full receive buffer, "
            + $"{Human.Count(Engine.Node.QueriesAnswered)} queries of others answered");
        output.WriteLine($"{Human.Bytes(counters.KnownSetBytes)} of known set and frontier");
        if (Recall is { } recall)
        {
            output.WriteLine(
                $"found {Human.Count(recall.Found)} of {Human.Count(recall.Live)} live nodes "
                    + $"({Human.Percent(recall.Found, recall.Live)})");
        }
    }
}
