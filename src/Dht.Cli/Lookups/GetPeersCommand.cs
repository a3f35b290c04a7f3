using System.CommandLine;
using Dht.Engine.Identity;

namespace Dht.Cli.Lookups;

/// <summary>The arguments of <c>dht get-peers</c>.</summary>
internal static class GetPeersCommand
{
    public static Command Create()
    {
        var command = new Command("get-peers", "Finds peers of a torrent, one on a line, as they come.");
        LookupOptions options = LookupOptions.ForTorrent(command);
        command.SetAction((parsed, _) =>
            new GetPeersSession(options.Read(parsed), InfoHash.FromNodeId(options.ReadTarget(parsed))).RunAsync());
        return command;
    }
}
