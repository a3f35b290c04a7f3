using System.Text.Json;
using Dht.Cli.Output;
using Dht.Engine;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;

namespace Dht.Cli.Lookups;

/// <summary>One run of <c>dht find-node</c>.</summary>
internal sealed class FindNodeSession : LookupSession
{
    private readonly NodeId _target;

    public FindNodeSession(LookupSettings settings, in NodeId target)
        : base(settings, target) => _target = target;

    protected override string Activity => "looking for the nodes nearest to";

    protected override string TargetKey => "target";

    protected override Task<LookupResult> LookUpAsync(
        DhtEngine engine, LineOutput lines, CancellationToken stop) => engine.FindNodeAsync(_target, stop);

    protected override void Print(LookupResult result, LineOutput lines)
    {
        foreach (CompactNode contact in result.Closest)
        {
            lines.TryWrite($"{contact.Id} {contact.Endpoint}");
        }
    }

    protected override string Describe(LookupResult result) => $"the nearest {Human.Count(result.Closest.Count)} nodes";

    protected override void WriteJson(Utf8JsonWriter json, LookupResult result)
    {
        // The contacts say it all.
    }

    protected override string? FailureReason(LookupResult result) =>
        result.Closest.Count > 0 ? null : "only routers answered; no ordinary node is known";
}
