using System.Buffers.Binary;
using System.Threading.Tasks.Sources;
using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Timing;
using Microsoft.Extensions.ObjectPool;

namespace Dht.Engine;

/// <summary>
/// One ping from another thread: the call in the mailbox, the listener of the query and the source of the caller's task in one
/// pooled object. Each use has a number of its own; whoever ends the use first (answer, timeout, cancellation, stop) takes the
/// number away, so that nothing late can end the next use.
/// </summary>
/// <remarks>
/// Two hold the object during a use: the caller until it has the result, and the mailbox until the loop has taken it out. The last
/// of them returns it to the pool, so a cancelled call that still waits in the mailbox is not in anybody else's hands.
/// </remarks>
internal sealed class PingCall : ILoopCall, IQueryListener, IValueTaskSource<PingResult>
{
    private static long _lastUse;

    private readonly ObjectPool<PingCall> _pool;
    private ManualResetValueTaskSourceCore<PingResult> _source;
    private CancellationTokenRegistration _registration;
    private CancellationToken _cancellation;
    private Endpoint _destination;
    private ILoopEntrance? _loop;
    private long _use;
    private int _holders;

    public PingCall(ObjectPool<PingCall> pool)
    {
        _pool = pool;
        _source.RunContinuationsAsynchronously = true;
    }

    /// <summary>Begins a use.</summary>
    public ValueTask<PingResult> Begin(ILoopEntrance loop, Endpoint destination, CancellationToken cancellation)
    {
        _loop = loop;
        _destination = destination;
        _cancellation = cancellation;
        Volatile.Write(ref _holders, 2);
        Volatile.Write(ref _use, Interlocked.Increment(ref _lastUse));
        return new ValueTask<PingResult>(this, _source.Version);
    }

    /// <summary>Listens for cancellation; call once the ping has been posted.</summary>
    public void Watch() => _registration = _cancellation.UnsafeRegister(static state => ((PingCall)state!).Cancel(), this);

    public void Run(MainlineNode node, Instant now)
    {
        long use = Volatile.Read(ref _use);
        try
        {
            AskResult asked = use == 0 ? AskResult.Sent : node.Ping(_destination, now, this, use);
            if (asked != AskResult.Sent)
            {
                End(use, new PingResult { Status = StatusOf(asked) });
            }
        }
        catch (Exception fault)
        {
            // A part of the user's (a policy, a random source) threw: the caller learns of it, and so does the loop.
            Fail(use, fault);
            throw;
        }
        finally
        {
            LetGo();
        }
    }

    public void Abandon(QueryStatus why)
    {
        End(Volatile.Read(ref _use), new PingResult { Status = why });
        LetGo();
    }

    void ILoopCall.Abandon() => Abandon(QueryStatus.Stopped);

    public void OnResponse(in KrpcMessage response, in Endpoint source, TimeSpan roundTrip, long cookie)
    {
        uint version = response.Version.Length == sizeof(uint) ? BinaryPrimitives.ReadUInt32BigEndian(response.Version) : 0;
        End(cookie, new PingResult(QueryStatus.Answered, response.SenderId, roundTrip, version));
    }

    public void OnError(in KrpcMessage error, in Endpoint source, long cookie) =>
        End(cookie, new PingResult { Status = QueryStatus.Error });

    public void OnTimeout(in Endpoint destination, long cookie) =>
        End(cookie, new PingResult { Status = _loop!.IsStopping ? QueryStatus.Stopped : QueryStatus.TimedOut });

    public PingResult GetResult(short token)
    {
        // A task that is read twice, or before its end, must not touch what is somebody else's by now.
        if (_source.GetStatus(token) == ValueTaskSourceStatus.Pending)
        {
            throw new InvalidOperationException("The ping has not ended yet; await it.");
        }

        _registration.Dispose();
        try
        {
            return _source.GetResult(token);
        }
        finally
        {
            _source.Reset();
            _registration = default;
            _cancellation = default;
            LetGo();
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void Cancel() => Fail(Volatile.Read(ref _use), new OperationCanceledException(_cancellation));

    private void Fail(long use, Exception fault)
    {
        if (use != 0 && Interlocked.CompareExchange(ref _use, 0, use) == use)
        {
            _source.SetException(fault);
        }
    }

    private void LetGo()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            _pool.Return(this);
        }
    }

    private void End(long use, in PingResult result)
    {
        if (use != 0 && Interlocked.CompareExchange(ref _use, 0, use) == use)
        {
            _source.SetResult(result);
        }
    }

    internal static QueryStatus StatusOf(AskResult asked) => asked switch
    {
        AskResult.Forbidden => QueryStatus.Forbidden,
        AskResult.Throttled => QueryStatus.Throttled,
        _ => QueryStatus.Busy,
    };
}
