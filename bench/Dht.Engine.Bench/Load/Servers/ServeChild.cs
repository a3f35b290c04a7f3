using System.Globalization;
using Dht.Engine.Addressing;
using Dht.Engine.Transport;

namespace Dht.Engine.Bench.Load.Servers;

/// <summary>The server child: <c>serve NAME BIND ARGUMENT...</c>.</summary>
internal static class ServeChild
{
    public static Task RunAsync(string[] args)
    {
        var local = Endpoint.Parse(args[1]);
        switch (args[0])
        {
            case ServerNames.NodeBatch:
                return NodeServer.RunAsync(local, TransportKind.Batch, Endpoint.Parse(args[2]));
            case ServerNames.NodeRing:
                return NodeServer.RunAsync(local, TransportKind.Ring, Endpoint.Parse(args[2]));
            case ServerNames.BareBatch when OperatingSystem.IsLinux():
                BatchEcho.Run(local, ReplySize(args));
                break;
            case ServerNames.BareNap:
                TransportEcho.Run(local, TransportKind.Batch, ReplySize(args));
                break;
            case ServerNames.BareRing:
                RingEcho.Run(local, ReplySize(args));
                break;
            case ExternalGuard.Name:
                return ExternalGuard.RunAsync(local.Port, args[2]);
            default:
                throw new LoadUsageException($"there is no server '{args[0]}'");
        }

        return Task.CompletedTask;
    }

    private static int ReplySize(string[] args) => int.Parse(args[2], CultureInfo.InvariantCulture);
}
