using Dht.Engine.Addressing;

namespace Dht.Engine;

/// <summary>
/// A search for the peers of a torrent: enumerate it, and they come as they are found, each once. Leaving the loop
/// early ends the search, and so does cancellation, which does not throw.
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

    /// <summary>
    /// How the search went and which nodes are nearest to the torrent; completes when the search ends, which begins
    /// with the enumeration. After an early end the status is <see cref="Node.LookupStatus.Cancelled"/>, with what
    /// was found until then.
    /// </summary>
    public Task<LookupResult> Completion => _call.Done;

    /// <summary>Begins the search.</summary>
    /// <param name="cancellationToken">Ends it early: the peers found until then still come, and then no more.</param>
    /// <exception cref="InvalidOperationException">
    /// It has been enumerated before, or the engine is not started.
    /// </exception>
    public async IAsyncEnumerator<Endpoint> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        ILoopEntrance loop = _loop();
        if (Interlocked.Exchange(ref _isStarted, 1) != 0)
        {
            throw new InvalidOperationException("A peer search can be enumerated once; call GetPeersAsync again.");
        }

        using var both = CancellationTokenSource.CreateLinkedTokenSource(_cancellation, cancellationToken);
        _call.Start(loop, both.Token);
        try
        {
            await using (_call.CancelWith(both.Token).ConfigureAwait(false))
            {
                // The search closes the channel when it ends, so there is nothing to cancel in the reading.
                await foreach (Endpoint peer in _call.Peers.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
                {
                    yield return peer;
                }
            }
        }
        finally
        {
            _call.Cancel();
        }
    }
}
