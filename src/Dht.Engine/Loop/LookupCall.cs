using System.Threading.Channels;
using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Timing;

namespace Dht.Engine;

/// <summary>A lookup from another thread: the call in the mailbox, the listener in the loop, and the source of what the caller awaits.</summary>
internal sealed class LookupCall : IEngineCall, ILookupListener
{
    private readonly Func<MainlineNode, LookupRequest> _request;
    private readonly TaskCompletionSource<LookupResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<Endpoint>? _peers;
    private readonly HashSet<Endpoint>? _known;
    private readonly int _peersMax;
    private EngineLoop? _loop;
    private LookupHandle _handle;
    private volatile bool _isCancelled;

    /// <param name="request">What to look for; made on the loop's thread, where the node's id is known.</param>
    /// <param name="peersMax">The most distinct peers handed to the caller; 0 when they are not wanted.</param>
    public LookupCall(Func<MainlineNode, LookupRequest> request, int peersMax = 0)
    {
        _request = request;
        _peersMax = peersMax;
        if (peersMax > 0)
        {
            _peers = Channel.CreateUnbounded<Endpoint>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
            _known = [];
        }
    }

    public Task<LookupResult> Done => _done.Task;

    /// <summary>The peers as they come; complete when the lookup is.</summary>
    public ChannelReader<Endpoint> Peers => _peers!.Reader;

    public void Run(EngineLoop loop, Instant now)
    {
        _loop = loop;

        // Either this sees that it was cancelled, or the one who cancels sees the loop.
        Interlocked.MemoryBarrier();
        if (_isCancelled)
        {
            End(LookupStatus.Cancelled);
            return;
        }

        try
        {
            if (!loop.Node.TryStartLookup(_request(loop.Node) with { Listener = this }, now, out _handle))
            {
                End(loop.IsStopping ? LookupStatus.Stopped : LookupStatus.Busy);
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

    /// <summary>Ends it early, from any thread.</summary>
    public void Cancel()
    {
        _isCancelled = true;
        Interlocked.MemoryBarrier();
        if (_done.Task.IsCompleted || _loop is not { } loop)
        {
            return;
        }

        // With a full mailbox it runs to its own end, which is seconds away; nobody listens any more.
        loop.TryPost(new InvokeCall<bool>((node, now) =>
        {
            node.CancelLookup(_handle, now);
            return true;
        }));
    }

    public void End(LookupStatus status) => End(new LookupResult { Report = new LookupReport { Status = status } });

    void ILookupListener.OnPeers(CompactPeers peers, in Endpoint source, long cookie)
    {
        if (_known == null)
        {
            return;
        }

        foreach (Endpoint peer in peers)
        {
            if (_known.Count < _peersMax && _loop!.AddressPolicy.Check(peer) == AddressVerdict.Allowed && _known.Add(peer))
            {
                _peers!.Writer.TryWrite(peer);
            }
        }
    }

    void ILookupListener.OnFinished(in LookupReport report, ReadOnlySpan<CompactNode> closest, long cookie) =>
        End(new LookupResult { Report = report, Closest = closest.ToArray(), Contacts = _loop!.Node.ContactCount });

    private void End(LookupResult result)
    {
        _peers?.Writer.TryComplete();
        _done.TrySetResult(result);
    }
}
