using System.CommandLine;
using Dht.Engine.Identity;

namespace Dht.Cli.Lookups;

/// <summary>The arguments of <c>dht announce</c>.</summary>
internal static class AnnounceCommand
{
    public static Command Create()
    {
        var command = new Command(
            "announce", "Tells the nodes nearest to a torrent that a peer of it is at this address.");
        Option<long?> port = OptionFactory.Number<long>(
            "--port", "P", "The port where the peer listens.", 1, ushort.MaxValue);
        Option<bool> implied = OptionFactory.Flag(
            "--implied-port", "The peer listens where our datagrams come from (see --bind): for uTP, and behind NATs.");
        command.Options.Add(port);
        command.Options.Add(implied);
        LookupOptions options = LookupOptions.ForTorrent(command);
        command.SetAction((parsed, _) =>
        {
            ushort announced = ReadPort(parsed.GetValue(port), parsed.GetValue(implied));
            return new AnnounceSession(
                options.Read(parsed), InfoHash.FromNodeId(options.ReadTarget(parsed)), announced).RunAsync();
        });
        return command;
    }

    private static ushort ReadPort(long? port, bool isImplied) => (port, isImplied) switch
    {
        (null, false) => throw new UsageException("announce needs --port P, where the peer listens, or --implied-port"),
        (not null, true) => throw new UsageException("--port and --implied-port exclude each other"),
        _ => (ushort)(port ?? 0),
    };
}
