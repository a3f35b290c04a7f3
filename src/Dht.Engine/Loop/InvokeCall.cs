using Dht.Engine.Node;
using Dht.Engine.Timing;

namespace Dht.Engine;

/// <summary>A function of the user's that runs inside the loop.</summary>
internal sealed class InvokeCall<TResult>(Func<MainlineNode, Instant, TResult> function) : IEngineCall
{
    private readonly TaskCompletionSource<TResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TResult> Done => _done.Task;

    public void Run(EngineLoop loop, Instant now)
    {
        try
        {
            _done.TrySetResult(function(loop.Node, now));
        }
        catch (Exception fault)
        {
            _done.TrySetException(fault);
        }
    }

    public void Abandon() => _done.TrySetException(new ObjectDisposedException(nameof(DhtEngine), "The engine stopped first."));
}
