using System.Net.Sockets;
using Dht.Engine;
using Dht.Engine.Addressing;
using Dht.Engine.Node;
using Dht.Engine.Testing;

namespace Dht.Cli;

/// <summary>Starts what binds a socket, and says in one line why that failed.</summary>
internal static class EngineStarter
{
    /// <param name="options">The engine's.</param>
    /// <param name="observer">Notified of everything from the start; null when nothing is.</param>
    public static DhtEngine Start(DhtEngineOptions options, INodeObserver? observer = null)
    {
        var engine = new DhtEngine(options);
        if (observer != null)
        {
            engine.Observers.Add(observer);
        }

        try
        {
            engine.Start();
            return engine;
        }
        catch (SocketException fault)
        {
            throw CannotBind(options.Bind, fault);
        }
        catch (StateFileException fault) when (
            fault.Error is StateFileError.NotAState or StateFileError.NotAFile)
        {
            throw new UsageException(fault.Message);
        }
        catch (IOException fault)
        {
            throw new FailureException(fault.Message, fault);
        }
    }

    /// <summary>
    /// Starts an engine that shall keep its state in a file. That it could not be written is better known now than at
    /// the end.
    /// </summary>
    /// <param name="options">The engine's.</param>
    /// <param name="observer">Notified of everything from the start; null when nothing is.</param>
    public static DhtEngine StartKeeping(DhtEngineOptions options, INodeObserver? observer = null)
    {
        if (options.StatePath is { } path && Path.GetDirectoryName(path) is { } folder && !Directory.Exists(folder))
        {
            throw new FailureException($"cannot keep the state in {path}: there is no folder {folder}");
        }

        return Start(options, observer);
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
