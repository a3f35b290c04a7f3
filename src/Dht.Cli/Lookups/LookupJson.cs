using System.Text.Json;
using Dht.Engine.Addressing;
using Dht.Engine.Krpc;

namespace Dht.Cli.Lookups;

/// <summary>Lists in the JSON object of a lookup.</summary>
internal static class LookupJson
{
    public static void WriteContacts(Utf8JsonWriter json, string name, IReadOnlyList<CompactNode> contacts)
    {
        json.WriteStartArray(name);
        foreach (CompactNode contact in contacts)
        {
            json.WriteStartObject();
            json.WriteString("id", contact.Id.ToString());
            WritePlace(json, contact.Endpoint);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public static void WritePeers(Utf8JsonWriter json, string name, IReadOnlyList<Endpoint> peers)
    {
        json.WriteStartArray(name);
        foreach (Endpoint peer in peers)
        {
            json.WriteStartObject();
            WritePlace(json, peer);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public static void WriteFamilies(Utf8JsonWriter json, string name, IpFamily families)
    {
        json.WriteStartArray(name);
        foreach (IpFamily family in (ReadOnlySpan<IpFamily>)[IpFamily.IPv4, IpFamily.IPv6])
        {
            if ((families & family) != 0)
            {
                json.WriteStringValue(family.ToString());
            }
        }

        json.WriteEndArray();
    }

    private static void WritePlace(Utf8JsonWriter json, in Endpoint endpoint)
    {
        json.WriteString("ip", endpoint.ToAddress().ToString());
        json.WriteNumber("port", endpoint.Port);
    }
}
