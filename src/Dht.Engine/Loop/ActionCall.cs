using Dht.Engine.Invariants;
using Dht.Engine.Node;
using Dht.Engine.Timing;

namespace Dht.Engine;

/// <summary>An action that runs inside the loop.</summary>
internal sealed class ActionCall(Action<MainlineNode, Instant> action) : ILoopCall
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Done => _done.Task;

    public void Run(MainlineNode node, Instant now)
    {
        try
        {
            action(node, now);
            _done.TrySetResult();
        }
        catch (Exception fault)
        {
            _done.TrySetException(fault);
            if (fault is InvariantException)
            {
                throw;
            }
        }
    }

    public void Abandon() =>
        _done.TrySetException(new ObjectDisposedException(nameof(DhtEngine), "The engine stopped first."));
}
