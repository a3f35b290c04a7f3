using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Timing;

namespace Dht.Engine;

/// <content>What a user adds to the engine's node. All of it may be filled before the start, and outlives a stop.</content>
public sealed partial class DhtEngine
{
    private readonly NodeExtensions _extensions = new();

    /// <summary>Handlers see queries before they are answered, and may answer instead.</summary>
    public QueryHandlers Handlers => _extensions.Handlers;

    /// <summary>Observers are told of what happens in the node.</summary>
    public NodeObservers Observers => _extensions.Observers;

    /// <summary>Query methods of your own.</summary>
    public CustomMethods Methods => _extensions.Methods;

    /// <summary>What the node does from time to time: the built-in tasks, and yours.</summary>
    public NodeTasks Tasks => _extensions.Tasks;

    /// <summary>Asks a method of your own, of one node.</summary>
    /// <param name="method">Its name and types.</param>
    /// <param name="destination">Whom to ask.</param>
    /// <param name="arguments">What to ask.</param>
    /// <param name="cancellation">Gives up waiting; the query itself has been sent.</param>
    /// <returns>What came of it: a response, an error, a timeout, or why it could not be sent.</returns>
    /// <exception cref="InvalidOperationException">The engine is not started.</exception>
    /// <exception cref="ArgumentException">The arguments do not fit a datagram, or write their keys out of order.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<QueryResult<TResults>> QueryAsync<TArguments, TResults>(
        CustomMethod<TArguments, TResults> method, Endpoint destination, TArguments arguments, CancellationToken cancellation = default)
        where TArguments : IKrpcBody<TArguments>
        where TResults : IKrpcBody<TResults>
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(arguments);
        EngineLoop loop = Running();
        cancellation.ThrowIfCancellationRequested();
        var call = new QueryCall<TArguments, TResults>(loop, method, destination, arguments);
        if (!loop.TryPost(call))
        {
            call.End(loop.IsStopped ? QueryStatus.Stopped : QueryStatus.Busy);
        }

        await using (cancellation.UnsafeRegister(
            static (state, token) => ((QueryCall<TArguments, TResults>)state!).Cancel(token), call).ConfigureAwait(false))
        {
            return await call.Done.ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Runs a function on the engine's thread, with the node: the way to all that the node offers and the engine has no method for. Be
    /// quick: packets wait meanwhile.
    /// </summary>
    /// <param name="function">Gets the node and the present instant.</param>
    /// <returns>What the function returned.</returns>
    /// <exception cref="InvalidOperationException">The engine is not started, or too many calls wait for it.</exception>
    /// <exception cref="ObjectDisposedException">The engine stopped first.</exception>
    public Task<TResult> InvokeAsync<TResult>(Func<MainlineNode, Instant, TResult> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        var call = new FunctionCall<TResult>(function);
        Post(call);
        return call.Done;
    }

    /// <summary>As the other, for what returns nothing.</summary>
    /// <param name="action">Gets the node and the current instant.</param>
    /// <returns>Completes when it has run.</returns>
    /// <exception cref="InvalidOperationException">The engine is not started, or too many calls wait for it.</exception>
    /// <exception cref="ObjectDisposedException">The engine stopped first.</exception>
    public Task InvokeAsync(Action<MainlineNode, Instant> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        var call = new ActionCall(action);
        Post(call);
        return call.Done;
    }

    /// <summary>Tells the node its external address, for those who know it better than other nodes do (a router's configuration, say).</summary>
    /// <exception cref="InvalidOperationException">The engine is not started, or too many calls wait for it.</exception>
    /// <exception cref="ArgumentException">It is no address that others can reach.</exception>
    public Task SetExternalAddressAsync(Endpoint address) =>
        InvokeAsync((node, _) => node.SetExternalAddress(address));

    private void Post(ILoopCall call)
    {
        if (!Running().TryPost(call))
        {
            throw CannotPost();
        }
    }

    private InvalidOperationException CannotPost() => new(Running().IsStopped
        ? "The engine's loop has ended; Completion tells why."
        : "Too many calls wait for the engine's loop; try again later.");
}
