using System.Net.Sockets;
using Dht.Engine;
using Dht.Engine.Addressing;
using Dht.Engine.Node;
using Dht.Engine.Testing;

namespace Dht.Cli;

/// <summary>Starts what binds a socket, and says in one line why that failed.</summary>
internal static class EngineStarter
{
    // What a node does to stay a node. A command that ends within seconds asks what it is told to ask, and no more.
    private static readonly string[] MembersTasks =
        [NodeTasks.Join, NodeTasks.NeighbourSearch, NodeTasks.BucketRefresh, NodeTasks.ContactPing];

    /// <param name="options">The engine's.</param>
    /// <param name="observers">Notified of everything from the start.</param>
    public static DhtEngine Start(DhtEngineOptions options, params ReadOnlySpan<INodeObserver> observers) =>
        Start(Create(options, observers), options);

    /// <summary>Starts an engine that asks nobody by itself, for a command that ends within seconds.</summary>
    /// <param name="options">The engine's.</param>
    /// <param name="observers">Notified of everything from the start.</param>
    public static DhtEngine StartBrief(DhtEngineOptions options, params ReadOnlySpan<INodeObserver> observers)
    {
        CheckStateFolder(options);
        DhtEngine engine = Create(options, observers);
        foreach (string task in MembersTasks)
        {
            engine.Tasks.Find(task)?.Remove();
        }

        return Start(engine, options);
    }

    /// <summary>
    /// Starts an engine that shall keep its state in a file. That it could not be written is better known now than at
    /// the end.
    /// </summary>
    /// <param name="options">The engine's.</param>
    /// <param name="observers">Notified of everything from the start.</param>
    public static DhtEngine StartKeeping(DhtEngineOptions options, params ReadOnlySpan<INodeObserver> observers)
    {
        CheckStateFolder(options);
        return Start(options, observers);
    }

    private static DhtEngine Create(DhtEngineOptions options, ReadOnlySpan<INodeObserver> observers)
    {
        var engine = new DhtEngine(options);
        foreach (INodeObserver observer in observers)
        {
            engine.Observers.Add(observer);
        }

        return engine;
    }

    private static DhtEngine Start(DhtEngine engine, DhtEngineOptions options)
    {
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

    private static void CheckStateFolder(DhtEngineOptions options)
    {
        if (options.StatePath is { } path && Path.GetDirectoryName(path) is { } folder && !Directory.Exists(folder))
        {
            throw new FailureException($"cannot keep the state in {path}: there is no folder {folder}");
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
