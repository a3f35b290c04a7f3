using Dht.Engine.Addressing;

namespace Dht.Engine;

/// <summary>
/// A search for the peers of a torrent: enumerate it, and they come as they are found, each once. Leaving the loop early ends the search.
/// </summary>
/// <remarks>Enumerate it once, from one thread.</remarks>
public sealed class PeerSearch : IAsyncEnumerable<Endpoint>
{
    private readonly Func<ILoopEntrance> _loop;
    private readonly LookupCall _call;
    private readonly CancellationToken _cancellation;
    private int _isStarted;

    internal PeerSearch(Func<ILoopEntrance> loop, LookupCall call, CancellationToken cancellation)
    {
        _loop = loop;
        _call = call;
        _cancellation = cancellation;
    }

    /// <summary>How the search went and who is nearest to the torrent; completes when the search ends, which begins with the enumeration.</summary>
    public Task<LookupResult> Completion => _call.Done;

    /// <summary>Begins the search.</summary>
    /// <exception cref="InvalidOperationException">It has been enumerated before, or the engine is not started.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async IAsyncEnumerator<Endpoint> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        ILoopEntrance loop = _loop();
        if (Interlocked.Exchange(ref _isStarted, 1) != 0)
        {
            throw new InvalidOperationException("A peer search can be enumerated once; call GetPeersAsync again.");
        }

        using var both = CancellationTokenSource.CreateLinkedTokenSource(_cancellation, cancellationToken);
        _call.Post(loop);
        try
        {
            await foreach (Endpoint peer in _call.Peers.ReadAllAsync(both.Token).ConfigureAwait(false))
            {
                yield return peer;
            }
        }
        finally
        {
            _call.Cancel();
        }
    }
}
