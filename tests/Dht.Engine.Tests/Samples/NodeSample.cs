using Dht.Engine.Addressing;
using Dht.Engine.Identity;

namespace Dht.Engine.Tests.Samples;

/// <summary>The node of the README, as it appears there.</summary>
internal static class NodeSample
{
    public static async Task<LookupResult> Run(
        IReadOnlyList<HostPort> places, AddressPolicy policy, string stateFile, InfoHash torrent, TextWriter output)
    {
        // sample: node
        await using var engine = new DhtEngine(new DhtEngineOptions
        {
            Bind = Endpoint.Parse("0.0.0.0:0"),
            AddressPolicy = policy,
            Bootstrap = places,
            StatePath = stateFile,
        });
        engine.Start();
        JoinResult joined = await engine.JoinAsync();
        output.WriteLine(
            $"{engine.Id} on port {engine.LocalEndpoint.Port}: {joined.Status}, {joined.Contacts} contacts");
        await foreach (Endpoint peer in engine.GetPeersAsync(torrent))
        {
            output.WriteLine($"{peer} has it");
        }

        LookupResult announced = await engine.AnnounceAsync(torrent, port: 51413);
        output.WriteLine($"announced at {announced.Report.AnnouncesAccepted} nodes");
        // end
        return announced;
    }
}
