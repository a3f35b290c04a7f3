using System.Text.Json;
using Dht.Cli.Output;
using Dht.Engine;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;

namespace Dht.Cli.Lookups;

/// <summary>One run of <c>dht get-peers</c>.</summary>
internal sealed class GetPeersSession : LookupSession
{
    private readonly InfoHash _infoHash;
    private readonly List<Endpoint> _peers = [];

    public GetPeersSession(LookupSettings settings, in InfoHash infoHash)
        : base(settings, infoHash.AsNodeId) => _infoHash = infoHash;

    protected override string Activity => "looking for peers of";

    protected override string TargetKey => "infoHash";

    protected override async Task<LookupResult> LookUpAsync(DhtEngine engine, LineOutput lines, CancellationToken stop)
    {
        PeerSearch search = engine.GetPeersAsync(_infoHash, stop);
        await foreach (Endpoint peer in search.ConfigureAwait(false))
        {
            _peers.Add(peer);
            if (!Output.Json && !lines.TryWrite(peer.ToString()))
            {
                break;
            }
        }

        return await search.Completion.ConfigureAwait(false);
    }

    protected override void Print(LookupResult result, LineOutput lines)
    {
        // Each has been written as it came.
    }

    protected override string Describe(LookupResult result)
    {
        string peers = _peers.Count switch
        {
            0 => "no peers",
            1 => "1 peer",
            _ => $"{Human.Count(_peers.Count)} peers",
        };
        return result.Report.Peers == 0 ? peers : $"{peers}; {Human.Count(result.Report.Peers)} values in the answers";
    }

    protected override void WriteJson(Utf8JsonWriter json, LookupResult result)
    {
        // Repetitions are among the values, and addresses that no peer can have.
        json.WriteNumber("values", result.Report.Peers);
        LookupJson.WritePeers(json, "peers", _peers);
    }

    // That a torrent has no peers is an answer too.
    protected override string? FailureReason(LookupResult result) => null;
}
