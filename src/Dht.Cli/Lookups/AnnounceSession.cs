using System.Text.Json;
using Dht.Cli.Output;
using Dht.Engine;
using Dht.Engine.Identity;

namespace Dht.Cli.Lookups;

/// <summary>One run of <c>dht announce</c>.</summary>
internal sealed class AnnounceSession : LookupSession
{
    private readonly InfoHash _infoHash;
    private readonly ushort _port;
    private ushort _localPort;

    /// <param name="settings">As for every lookup.</param>
    /// <param name="infoHash">The torrent.</param>
    /// <param name="port">Where the peer listens; 0 is where our datagrams come from.</param>
    public AnnounceSession(LookupSettings settings, in InfoHash infoHash, ushort port)
        : base(settings, infoHash.AsNodeId)
    {
        _infoHash = infoHash;
        _port = port;
    }

    protected override string Activity => "announcing";

    protected override string TargetKey => "infoHash";

    protected override Task<LookupResult> LookUpAsync(
        DhtEngine engine, LineOutput lines, CancellationToken stop)
    {
        _localPort = engine.LocalEndpoint.Port;
        return engine.AnnounceAsync(_infoHash, _port, stop);
    }

    protected override void Print(LookupResult result, LineOutput lines)
    {
        if (result.Report.AnnouncesAccepted > 0)
        {
            string nodes = result.Report.AnnouncesAccepted == 1 ? "node" : "nodes";
            lines.TryWrite($"announced at {Human.Count(result.Report.AnnouncesAccepted)} {nodes}");
        }
    }

    protected override string Describe(LookupResult result) =>
        $"{Human.Count(result.Report.AnnouncesAccepted)} of {Human.Count(result.Report.AnnouncesSent)} announcements "
            + "taken";

    protected override void WriteJson(Utf8JsonWriter json, LookupResult result)
    {
        json.WriteNumber("port", _port == 0 ? _localPort : _port);
        json.WriteBoolean("impliedPort", _port == 0);
        json.WriteNumber("announced", result.Report.AnnouncesAccepted);
        json.WriteNumber("announcesSent", result.Report.AnnouncesSent);
    }

    protected override string? FailureReason(LookupResult result) =>
        result.Report.AnnouncesAccepted > 0 ? null : "no node has taken the announcement";
}
