using Dht.Engine.Addressing;
using Dht.Engine.Invariants;
using Dht.Engine.Krpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// A query that waits for its answer, as a handler meets it: look at it, then decide, or leave it to those after it.
/// The first handler that decides is the last that is asked. If one handler decides several times, the last time
/// counts.
/// </summary>
/// <remarks>
/// Borrowed for the duration of the call, on the engine's thread. A handler may call the engine; what it awaits must
/// not block the thread.
/// </remarks>
public ref struct QueryContext
{
    private readonly KrpcEnvelope _envelope;
    private readonly Span<byte> _scratch;

    internal QueryContext(
        IMainlineNode node,
        in KrpcMessage query,
        in Endpoint source,
        Instant now,
        in KrpcEnvelope envelope,
        Span<byte> scratch)
    {
        Node = node;
        Query = query;
        Source = source;
        Now = now;
        _envelope = envelope;
        _scratch = scratch;
    }

    /// <summary>The node that was asked.</summary>
    public IMainlineNode Node { get; }

    /// <summary>What was asked.</summary>
    public KrpcMessage Query { get; }

    /// <summary>Who asked; the address is not proven.</summary>
    public Endpoint Source { get; }

    /// <summary>The current instant.</summary>
    public Instant Now { get; }

    /// <summary>What has been decided.</summary>
    public QueryDecision Decision { get; private set; }

    /// <summary>Bytes of the message to be sent.</summary>
    internal int Length { get; private set; }

    /// <summary>Leaves the query without an answer.</summary>
    public void Veto() => Decide(QueryDecision.Vetoed, 0);

    /// <summary>Answers with an error.</summary>
    /// <param name="code">One of <see cref="KrpcErrorCode"/>, or a number of your own.</param>
    /// <param name="text">For people; at most 256 bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The text is longer than 256 bytes.</exception>
    public void Refuse(int code, scoped ReadOnlySpan<byte> text)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, 256, "text.Length");
        Decide(QueryDecision.Refused, KrpcReplies.WriteError(_scratch, _envelope, code, text));
    }

    /// <summary>Answers with results of a type of your own.</summary>
    /// <returns>False, and nothing is decided, when the message would be longer than 1,024 bytes.</returns>
    /// <exception cref="ArgumentException">
    /// The results write their keys out of order, or <c>id</c>; nothing is decided.
    /// </exception>
    public bool Reply<TResults>(scoped in TResults results)
        where TResults : IKrpcBody<TResults>, allows ref struct
    {
        // What was decided before lies where this is written.
        Undecide();
        int length = KrpcReplies.WriteCustom(_scratch, _envelope, results);
        if (length == 0)
        {
            return false;
        }

        Decide(QueryDecision.Replied, length);
        return true;
    }

    /// <summary>Lets a handler decide. One that throws has decided nothing, even if it had.</summary>
    internal void Decide(QueryHandler handler, NodeFaults faults)
    {
        try
        {
            handler(ref this);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            Undecide();
            faults.Report(fault);
        }
    }

    /// <summary>Takes back what has been decided.</summary>
    internal void Undecide() => Decide(QueryDecision.None, 0);

    private void Decide(QueryDecision decision, int length)
    {
        Decision = decision;
        Length = length;
    }
}
