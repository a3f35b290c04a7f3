using System.Threading.Channels;
using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Timing;

namespace Dht.Engine;

/// <summary>
/// A lookup from another thread: the call in the mailbox, the listener in the loop, and the source of what the caller
/// awaits.
/// </summary>
internal sealed class LookupCall : ILoopCall, ILookupListener
{
    private readonly LookupRequest _request;
    private readonly IAddressPolicy _policy;
    private readonly TaskCompletionSource<LookupResult> _done =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly Channel<Endpoint>? _peers;
    private readonly HashSet<Endpoint>? _known;
    private readonly int _peersMax;
    private ILoopEntrance? _loop;
    private MainlineNode? _node;
    private LookupHandle _handle;
    private volatile bool _isCancelled;

    /// <param name="request">What to look for. One for upkeep looks for the node's own id, whatever it says.</param>
    /// <param name="policy">Which peers to hand out.</param>
    /// <param name="peersMax">The most distinct peers handed to the caller; 0 when they are not wanted.</param>
    public LookupCall(in LookupRequest request, IAddressPolicy policy, int peersMax = 0)
    {
        _request = request with { Listener = this };
        _policy = policy;
        _peersMax = peersMax;
        if (peersMax > 0)
        {
            _peers = Channel.CreateUnbounded<Endpoint>(
                new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
            _known = [];
        }
    }

    public Task<LookupResult> Done => _done.Task;

    /// <summary>The peers as they come; complete when the lookup is.</summary>
    public ChannelReader<Endpoint> Peers => _peers!.Reader;

    /// <summary>
    /// Begins it: posts it to a loop, or ends it when the loop cannot take it or the token is cancelled already.
    /// </summary>
    public void Start(ILoopEntrance loop, CancellationToken cancellation)
    {
        _loop = loop;
        if (cancellation.IsCancellationRequested)
        {
            End(LookupStatus.Cancelled);
        }
        else if (!loop.TryPost(this))
        {
            End(loop.IsStopped ? LookupStatus.Stopped : LookupStatus.Busy);
        }
    }

    /// <summary>Cancels it when the token is cancelled, until the registration is disposed.</summary>
    public CancellationTokenRegistration CancelWith(CancellationToken cancellation) =>
        cancellation.UnsafeRegister(static state => ((LookupCall)state!).Cancel(), this);

    public void Run(MainlineNode node, Instant now)
    {
        _node = node;

        // Either this sees that it was cancelled, or the canceller sees the node.
        Interlocked.MemoryBarrier();
        if (_isCancelled)
        {
            End(LookupStatus.Cancelled);
            return;
        }

        try
        {
            LookupRequest request = _request.Kind == LookupKind.Upkeep ? _request with { Target = node.Id } : _request;
            if (!node.TryStartLookup(request, now, out _handle))
            {
                End(LookupStatus.Busy);
            }
        }
        catch (Exception fault)
        {
            // A part of the user's threw: the caller learns of it, and so does the loop.
            _peers?.Writer.TryComplete(fault);
            _done.TrySetException(fault);
            throw;
        }
    }

    public void Abandon() => End(LookupStatus.Stopped);

    /// <summary>Ends it early with what was found until then; from any thread.</summary>
    public void Cancel()
    {
        _isCancelled = true;
        Interlocked.MemoryBarrier();
        if (_done.Task.IsCompleted)
        {
            return;
        }

        // One that has not begun has found nothing. With a full mailbox what was found cannot be had: the lookup runs
        // to its own end, which is seconds away, and its result is dropped.
        if (_node == null || !_loop!.TryPost(new ActionCall((node, now) => node.CancelLookup(_handle, now))))
        {
            End(LookupStatus.Cancelled);
        }
    }

    void ILookupListener.OnPeers(CompactPeers peers, in Endpoint source, long cookie)
    {
        if (_known == null)
        {
            return;
        }

        foreach (Endpoint peer in peers)
        {
            if (_known.Count < _peersMax && _policy.Check(peer) == AddressVerdict.Allowed && _known.Add(peer))
            {
                _peers!.Writer.TryWrite(peer);
            }
        }
    }

    void ILookupListener.OnFinished(in LookupReport report, ReadOnlySpan<CompactNode> closest, long cookie) => End(
        new LookupResult
        {
            Report = report,
            Closest = closest.ToArray(),
            DistinctPeers = _known?.Count ?? 0,
            Contacts = _node!.ContactCount,
        });

    private void End(LookupStatus status) => End(new LookupResult
    {
        Report = new LookupReport { Kind = _request.Kind, Target = _request.Target, Status = status },
    });

    private void End(LookupResult result)
    {
        _peers?.Writer.TryComplete();
        _done.TrySetResult(result);
    }
}
