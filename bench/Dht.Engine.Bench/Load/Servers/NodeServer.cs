using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Transport;

namespace Dht.Engine.Bench.Load.Servers;

/// <summary>
/// The engine as programs embed it, a member of the swarm with a full routing table, without limits per address.
/// </summary>
internal static class NodeServer
{
    private const int LookupsMax = 400;

    // The table is full when so many lookups in a row have brought no new node.
    private const int LookupsInVain = 40;

    public static async Task RunAsync(Endpoint local, TransportKind kind, Endpoint bootstrap)
    {
        await using var engine = new DhtEngine(new DhtEngineOptions
        {
            Bind = local,
            Transport = kind,
            AddressPolicy = AddressPolicy.AllowLocal,
            Bootstrap = [bootstrap],
            Node = new NodeOptions { AnswersPerSecondPerAddress = 0, QueriesPerSecondPerAddress = 0 },
        });
        engine.Start();
        JoinResult joined = await engine.JoinAsync().ConfigureAwait(false);
        if (!joined.HasJoined)
        {
            throw new LoadFailureException($"the node could not join the swarm at {bootstrap}: {joined.Status}");
        }

        await FillTableAsync(engine).ConfigureAwait(false);
        ServerConsole.Open(engine.LocalEndpoint.Port);
        await engine.Completion.ConfigureAwait(false);
    }

    private static async Task FillTableAsync(DhtEngine engine)
    {
        var random = new SeededRandomSource(1);
        int most = 0;
        int inVain = 0;
        for (int i = 0; i < LookupsMax && inVain < LookupsInVain; i++)
        {
            await engine.FindNodeAsync(NodeId.Random(random)).ConfigureAwait(false);
            int contacts = engine.Counters.Contacts;
            inVain = contacts > most ? 0 : inVain + 1;
            most = Math.Max(most, contacts);
        }
    }
}
