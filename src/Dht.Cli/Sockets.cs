using System.Net.Sockets;
using Dht.Engine;
using Dht.Engine.Addressing;
using Dht.Engine.Testing;

namespace Dht.Cli;

/// <summary>Starts what binds a socket, and says in one line why that failed.</summary>
internal static class Sockets
{
    public static DhtEngine Start(DhtEngineOptions options)
    {
        var engine = new DhtEngine(options);
        try
        {
            engine.Start();
            return engine;
        }
        catch (SocketException fault)
        {
            throw CannotBind(options.Bind, fault);
        }
    }

    public static LoopbackSwarm Start(LoopbackSwarmOptions options)
    {
        try
        {
            return LoopbackSwarm.Start(options);
        }
        catch (SocketException fault)
        {
            throw CannotBind(Endpoint.FromIPv4(0x7F010000, options.Port), fault);
        }
    }

    private static FailureException CannotBind(in Endpoint endpoint, SocketException fault)
    {
        string reason = fault.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse => "address already in use",
            SocketError.AddressNotAvailable => "this machine has no such address",
            SocketError.AccessDenied => "permission denied",
            SocketError.AddressFamilyNotSupported => "this machine has no such address family",
            _ => fault.Message,
        };
        return new FailureException($"cannot bind {endpoint}: {reason}", fault);
    }
}
