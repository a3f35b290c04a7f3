using System.CommandLine;
using Dht.Engine.Identity;

namespace Dht.Cli.Lookups;

/// <summary>The arguments of <c>dht get-peers</c>.</summary>
internal static class GetPeersCommand
{
    public static Command Create()
    {
        var command = new Command("get-peers", "Finds peers of a torrent, one on a line, as they come.");
        var options = new LookupOptions(command, "INFOHASH", "The torrent, 40 hexadecimal digits.");
        command.SetAction((parsed, _) =>
            new GetPeersSession(options.Read(parsed), InfoHash.FromNodeId(options.ReadTarget(parsed))).RunAsync());
        return command;
    }
}
