using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Timing;

namespace Dht.Engine;

/// <content>Single queries, and functions of the user's that run inside the loop.</content>
public sealed partial class DhtEngine
{
    /// <summary>Pings a node.</summary>
    /// <param name="destination">
    /// Where it is. An IPv4 address inside an IPv6 one is taken as the IPv4 address, here as in all that is given.
    /// </param>
    /// <param name="cancellation">
    /// Gives up waiting; the query itself has been sent. There is only one answer and no part of it, so this throws.
    /// </param>
    /// <returns>What came of it. Await it once; the object behind it is pooled.</returns>
    /// <exception cref="InvalidOperationException">The engine is not started.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public ValueTask<PingResult> PingAsync(Endpoint destination, CancellationToken cancellation = default)
    {
        EngineLoop loop = Running();
        cancellation.ThrowIfCancellationRequested();
        return PingCall.Rent(destination.Unmap()).Start(loop, cancellation);
    }

    /// <summary>Sends a query of a method of your own to one node.</summary>
    /// <param name="method">Its name and types.</param>
    /// <param name="destination">The node.</param>
    /// <param name="arguments">What to ask.</param>
    /// <param name="cancellation">
    /// Gives up waiting; the query itself has been sent. There is only one answer and no part of it, so this throws.
    /// </param>
    /// <returns>What came of it: a response, an error, a timeout, or why it could not be sent.</returns>
    /// <exception cref="InvalidOperationException">The engine is not started.</exception>
    /// <exception cref="ArgumentException">
    /// The arguments do not fit a datagram, or write their keys out of order.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<QueryResult<TResults>> QueryAsync<TArguments, TResults>(
        CustomMethod<TArguments, TResults> method,
        Endpoint destination,
        TArguments arguments,
        CancellationToken cancellation = default)
        where TArguments : IKrpcBody<TArguments>
        where TResults : IKrpcBody<TResults>
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(arguments);
        EngineLoop loop = Running();
        cancellation.ThrowIfCancellationRequested();
        return await QueryCall<TArguments, TResults>.Rent(method, destination.Unmap(), arguments)
            .Start(loop, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Runs a function on the engine's thread, with the node: for all that the node offers and the engine has no
    /// method for. Be quick: packets wait meanwhile.
    /// </summary>
    /// <param name="function">Gets the node and the current instant.</param>
    /// <returns>What the function returned; what it throws is thrown.</returns>
    /// <exception cref="InvalidOperationException">
    /// The engine is not started, or too many calls wait for it.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The engine stopped first.</exception>
    public Task<TResult> InvokeAsync<TResult>(Func<MainlineNode, Instant, TResult> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        var call = new FunctionCall<TResult>(function);
        Post(call);
        return call.Done;
    }

    /// <summary>Runs an action on the engine's thread, with the node. Be quick: packets wait meanwhile.</summary>
    /// <param name="action">Gets the node and the current instant.</param>
    /// <returns>Completes when it has run; what it throws is thrown.</returns>
    /// <exception cref="InvalidOperationException">
    /// The engine is not started, or too many calls wait for it.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The engine stopped first.</exception>
    public Task InvokeAsync(Action<MainlineNode, Instant> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        var call = new ActionCall(action);
        Post(call);
        return call.Done;
    }

    /// <summary>
    /// Sets the node's external address, when it is known better than by other nodes (from a router's configuration,
    /// say).
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// The engine is not started, or too many calls wait for it.
    /// </exception>
    /// <exception cref="ArgumentException">It is not an address that others can reach.</exception>
    public Task SetExternalAddressAsync(Endpoint address) =>
        InvokeAsync((node, _) => node.SetExternalAddress(address.Unmap()));

    private void Post(ILoopCall call)
    {
        EngineLoop loop = Running();
        if (!loop.TryPost(call))
        {
            throw CannotPost(loop);
        }
    }

    private static InvalidOperationException CannotPost(EngineLoop loop) => new(loop.IsStopped
        ? "The engine's loop has ended; Completion tells why."
        : "Too many calls wait for the engine's loop; try again later.");
}
