using Dht.Engine;
using Dht.Engine.Krpc;
using Dht.Engine.Node;

namespace Dht.Cli.Lookups;

/// <summary>
/// A lookup that can be ended early and still tells what it has found: the engine's own methods throw then, as is the custom among
/// tasks.
/// </summary>
internal sealed class LookupRun : ILookupListener
{
    private readonly DhtEngine _engine;
    private readonly TaskCompletionSource<LookupResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LookupHandle _handle;

    private LookupRun(DhtEngine engine) => _engine = engine;

    /// <summary>Looks up, until it has found or is told to stop.</summary>
    public static async Task<LookupResult> RunAsync(DhtEngine engine, LookupRequest request, CancellationToken stop)
    {
        var run = new LookupRun(engine);
        bool isStarted = await engine.InvokeAsync(
            (node, now) => node.TryStartLookup(request with { Listener = run }, now, out run._handle)).ConfigureAwait(false);
        if (!isStarted)
        {
            return new LookupResult { Report = new LookupReport { Target = request.Target, Status = LookupStatus.Busy } };
        }

        await using (stop.UnsafeRegister(static state => ((LookupRun)state!).Cancel(), run).ConfigureAwait(false))
        {
            return await run._done.Task.ConfigureAwait(false);
        }
    }

    void ILookupListener.OnFinished(in LookupReport report, ReadOnlySpan<CompactNode> closest, long cookie) =>
        _done.TrySetResult(new LookupResult { Report = report, Closest = closest.ToArray() });

    private void Cancel()
    {
        try
        {
            _ = _engine.InvokeAsync((node, now) =>
            {
                node.CancelLookup(_handle, now);
                return true;
            });
        }
        catch (InvalidOperationException)
        {
            // The loop is gone or busy beyond measure; then the lookup ends by itself.
        }
    }
}
