using Dht.Cli.Output;
using Dht.Engine;
using Dht.Engine.Identity;

namespace Dht.Cli.Node;

/// <summary>What a node has done by the end of its run.</summary>
internal sealed record NodeSummary
{
    public required DhtEngineCounters Counters { get; init; }

    public required NodeId Id { get; init; }

    public required long Lookups { get; init; }

    /// <summary>Those that are known, one of each family.</summary>
    public required IReadOnlyList<string> ExternalAddresses { get; init; }

    public required double BytesPerPacket { get; init; }

    public required TimeSpan Elapsed { get; init; }

    public void Print(bool asJson)
    {
        if (!asJson)
        {
            string lost = Counters.Transport.KernelDropped > 0
                ? $", {Human.Count(Counters.Transport.KernelDropped)} packets lost in a full receive buffer"
                : string.Empty;
            string refused = Counters.Transport.SendErrors > 0
                ? $", {Human.Count(Counters.Transport.SendErrors)} packets that the system refused to send"
                : string.Empty;
            string external = ExternalAddresses.Count > 0
                ? $", seen by others at {string.Join(" and ", ExternalAddresses)}"
                : string.Empty;
            StandardOutput.WriteSummary(
                $"{Human.Count(Counters.Node.QueriesAnswered)} queries answered, "
                    + $"{Human.Count(Counters.Node.Throttled)} throttled, "
                + $"{Human.Count(Counters.Malformed)} malformed, {Human.Count(Counters.Contacts)} contacts, "
                + $"{Human.Count(Lookups)} lookups after {Human.Seconds(Elapsed)}{lost}{refused}{external}");
            return;
        }

        JsonOutput.Write(json =>
        {
            json.WriteString("id", Id.ToString());
            json.WriteNumber("queriesAnswered", Counters.Node.QueriesAnswered);
            json.WriteNumber("queriesReceived", Counters.Node.QueriesReceived);
            json.WriteNumber("errorsSent", Counters.Node.ErrorsSent);
            json.WriteNumber("malformed", Counters.Malformed);
            json.WriteNumber("throttled", Counters.Node.Throttled);
            json.WriteNumber("contacts", Counters.Contacts);
            json.WriteNumber("lookups", Lookups);
            json.WriteNumber("peersStored", Counters.Node.PeersStored);
            json.WriteStartArray("externalAddresses");
            foreach (string address in ExternalAddresses)
            {
                json.WriteStringValue(address);
            }

            json.WriteEndArray();
            json.WriteNumber("packetsReceived", Counters.Transport.Received);
            json.WriteNumber("packetsSent", Counters.Transport.Sent);
            json.WriteNumber("packetsLost", Counters.Transport.KernelDropped);
            json.WriteNumber("sendErrors", Counters.Transport.SendErrors);
            json.WriteNumber("notSent", Counters.Node.QueriesNotSent);
            json.WriteNumber("truncated", Counters.Transport.Truncated);
            json.WriteMeasure("allocatedBytesPerPacket", BytesPerPacket);
            json.WriteMeasure("elapsedSeconds", Elapsed.TotalSeconds);
        });
    }
}
