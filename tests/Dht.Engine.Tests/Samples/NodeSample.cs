using Dht.Engine.Addressing;

namespace Dht.Engine.Tests.Samples;

/// <summary>The node of the README, as it stands there.</summary>
internal static class NodeSample
{
    public static async Task<PingResult> Run(IEnumerable<string> places, AddressPolicy policy, TextWriter output)
    {
        // sample: node
        IReadOnlyList<Endpoint> routers = await BootstrapNodes.ResolveAsync(places, AddressKind.IPv4);
        await using var engine = new DhtEngine(new DhtEngineOptions
        {
            Bind = Endpoint.Parse("0.0.0.0:0"),
            AddressPolicy = policy,
            Routers = routers,
        });
        engine.Start();
        PingResult ping = await engine.PingAsync(routers[0]);
        output.WriteLine($"we are {engine.Id} on port {engine.LocalEndpoint.Port}; the router is {ping.Id}, {ping.Status} in {ping.RoundTrip}");
        // end
        return ping;
    }
}
