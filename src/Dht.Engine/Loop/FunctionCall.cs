using Dht.Engine.Node;
using Dht.Engine.Timing;

namespace Dht.Engine;

/// <summary>A function that runs inside the loop.</summary>
internal sealed class FunctionCall<TResult> : ILoopCall
{
    private readonly ActionCall _call;
    private TResult? _result;

    public FunctionCall(Func<MainlineNode, Instant, TResult> function)
    {
        _call = new ActionCall((node, now) => _result = function(node, now));
        Done = WaitAsync();
    }

    public Task<TResult> Done { get; }

    public void Run(MainlineNode node, Instant now) => _call.Run(node, now);

    public void Abandon() => _call.Abandon();

    private async Task<TResult> WaitAsync()
    {
        await _call.Done.ConfigureAwait(false);
        return _result!;
    }
}
