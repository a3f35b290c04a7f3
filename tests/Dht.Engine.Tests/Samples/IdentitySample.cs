using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Samples;

/// <summary>BEP 42, and what outlives a run.</summary>
internal static class IdentitySample
{
    public static (NodeId Id, bool IsValid) Derive(Endpoint external, IRandomSource random)
    {
        // sample: derive and check
        NodeId id = SecureNodeId.Derive(external, random);
        bool isValid = SecureNodeId.IsValid(id, external);
        // end
        return (id, isValid);
    }

    public static async Task<(NodeId Before, NodeId After)> SetAddress(DhtEngineOptions options)
    {
        // sample: external address
        await using var engine = new DhtEngine(options with { Node = options.Node with { EnforceSecureIds = true } });
        engine.Start();
        NodeId before = engine.Id;
        await engine.SetExternalAddressAsync(Endpoint.Parse("84.124.73.14:6881"));
        NodeId after = engine.Id;
        // end
        return (before, after);
    }

    public static DhtEngineOptions Path(DhtEngineOptions options, string path)
    {
        // sample: state path
        options = options with { StatePath = path };
        // end
        return options;
    }

    public static NodeOptions Save(MainlineNode node, string path, Instant now)
    {
        // sample: state file
        var file = new StateFile(path);
        using IDisposable mine = file.Lock();
        file.Save(node.CaptureState(now));
        StateLoad load = file.Load();
        if (load.State != null)
        {
            node.AddSaved(load.State);
        }

        var options = new NodeOptions { Id = load.State?.IdIPv4, IdIPv6 = load.State?.IdIPv6 };
        // end
        return options;
    }
}
