using System.Threading.Tasks.Sources;
using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Timing;
using Microsoft.Extensions.ObjectPool;

namespace Dht.Engine;

/// <summary>
/// One query from another thread: the call in the mailbox, the listener of the query and the source of the caller's
/// task in one pooled object. Each use has a number of its own, which is the cookie of the query; whatever ends the
/// use first (answer, timeout, cancellation, stop) takes the number away, so that nothing late can end the next use.
/// </summary>
/// <remarks>
/// Two hold the object during a use: the caller until it has the result, and the mailbox until the loop has taken it
/// out. The last of them returns it to the pool, so a cancelled call that still waits in the mailbox is not in use
/// anywhere else.
/// </remarks>
/// <typeparam name="TSelf">The derived type.</typeparam>
/// <typeparam name="TResult">What the caller awaits.</typeparam>
internal abstract class PooledCall<TSelf, TResult> : ILoopCall, IQueryListener, IValueTaskSource<TResult>
    where TSelf : PooledCall<TSelf, TResult>, new()
{
    private const int PooledMax = 256;

    private static readonly ObjectPool<TSelf> Pool =
        new DefaultObjectPool<TSelf>(new DefaultPooledObjectPolicy<TSelf>(), PooledMax);

    private static long _lastUse;

    private ManualResetValueTaskSourceCore<TResult> _source;
    private CancellationTokenRegistration _registration;
    private CancellationToken _cancellation;
    private long _use;
    private int _holders;

    protected PooledCall() => _source.RunContinuationsAsynchronously = true;

    /// <summary>Begins a use, once the derived type has what it asks: posts the call.</summary>
    public ValueTask<TResult> Start(ILoopEntrance loop, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        Volatile.Write(ref _holders, 2);
        Volatile.Write(ref _use, Interlocked.Increment(ref _lastUse));
        var result = new ValueTask<TResult>(this, _source.Version);
        if (loop.TryPost(this))
        {
            _registration = cancellation.UnsafeRegister(
                static state => ((PooledCall<TSelf, TResult>)state!).Cancel(), this);
        }
        else
        {
            Abandon(loop.IsStopped ? QueryStatus.Stopped : QueryStatus.Busy);
        }

        return result;
    }

    public void Run(MainlineNode node, Instant now)
    {
        long use = Volatile.Read(ref _use);
        try
        {
            AskResult asked = use == 0 ? AskResult.Sent : Ask(node, now, use);
            if (asked != AskResult.Sent)
            {
                End(use, CreateResult(QueryStatuses.Of(asked)));
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

    public void Abandon() => Abandon(QueryStatus.Stopped);

    public abstract void OnResponse(in KrpcMessage response, in Endpoint source, TimeSpan roundTrip, long cookie);

    public abstract void OnError(in KrpcMessage error, in Endpoint source, long cookie);

    public void OnTimeout(in Endpoint destination, long cookie) => End(cookie, CreateResult(QueryStatus.TimedOut));

    public void OnNotSent(in Endpoint destination, long cookie) => End(cookie, CreateResult(QueryStatus.NotSent));

    public void OnStopped(in Endpoint destination, long cookie) => End(cookie, CreateResult(QueryStatus.Stopped));

    public TResult GetResult(short token)
    {
        // A task that is read twice, or before its end, must not touch an object that is in another use by now.
        if (_source.GetStatus(token) == ValueTaskSourceStatus.Pending)
        {
            throw new InvalidOperationException("The query has not ended yet; await it.");
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

    public void OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    protected static TSelf Rent() => Pool.Get();

    /// <summary>Sends the query, with the number of the use as its cookie. On the loop's thread.</summary>
    protected abstract AskResult Ask(MainlineNode node, Instant now, long use);

    /// <summary>A result that is only a status.</summary>
    protected abstract TResult CreateResult(QueryStatus status);

    /// <summary>Lets go of what was asked, before the object goes back to the pool.</summary>
    protected abstract void Clear();

    /// <summary>Ends a use with a result; does nothing when that use is over.</summary>
    protected void End(long use, in TResult result)
    {
        if (TryEnd(use))
        {
            _source.SetResult(result);
        }
    }

    /// <summary>Ends a use with an exception; does nothing when that use is over.</summary>
    protected void Fail(long use, Exception fault)
    {
        if (TryEnd(use))
        {
            _source.SetException(fault);
        }
    }

    private void Abandon(QueryStatus why)
    {
        End(Volatile.Read(ref _use), CreateResult(why));
        LetGo();
    }

    private void Cancel() => Fail(Volatile.Read(ref _use), new OperationCanceledException(_cancellation));

    private bool TryEnd(long use) => use != 0 && Interlocked.CompareExchange(ref _use, 0, use) == use;

    private void LetGo()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            Clear();
            Pool.Return((TSelf)this);
        }
    }
}
