using System.Runtime.CompilerServices;
using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// What others ask of us: who is answered, by whom (a handler, a method of the user's own, or us), and what is counted.
/// </summary>
internal sealed class Answerer
{
    private readonly NodeFamilies _families;
    private readonly Outbox _outbox;
    private readonly AddressThrottle _throttle;
    private readonly AnswerBudget _budget;
    private readonly AnswerWriter _writer;
    private readonly NodeExtensions _extensions;
    private readonly NodeFaults _faults;
    private readonly byte[] _version;
    private readonly bool _readOnly;
    private readonly byte[] _scratch = new byte[ReplySize.Max];
    private NodeCounters _counters;

    public Answerer(
        NodeOptions options,
        NodeFamilies families,
        Outbox outbox,
        NodeThrottles throttles,
        AnswerWriter writer,
        NodeExtensions extensions,
        NodeFaults faults)
    {
        _families = families;
        _outbox = outbox;
        _throttle = throttles.Answers;
        _budget = throttles.Budget;
        _writer = writer;
        _extensions = extensions;
        _faults = faults;
        _version = options.Version.ToArray();
        _readOnly = options.ReadOnly;
    }

    /// <summary>The part of the counters that is about queries of others.</summary>
    public NodeCounters Counters => _counters;

    /// <summary>Answers a query, or leaves it.</summary>
    /// <param name="node">For handlers: the node that is asked.</param>
    /// <param name="query">The query.</param>
    /// <param name="source">Who asks.</param>
    /// <param name="local">The address of ours that was asked, and that the answer leaves from.</param>
    /// <param name="now">The current instant.</param>
    /// <returns>
    /// Whether the asker was answered and may be a contact: its id is known, and it does not call itself read-only.
    /// </returns>
    public bool Answer(
        IMainlineNode node, in KrpcMessage query, in Endpoint source, in Endpoint local, Instant now)
    {
        _counters.QueriesReceived++;
        if (_readOnly)
        {
            return false;
        }

        if (!_throttle.TryPass(source, now) || !_budget.HasRoom(source, now, out AnswerCharge charge))
        {
            _counters.Throttled++;
            return false;
        }

        if (query.BodyFault == KrpcBodyFault.None && query.SenderId == _families.Of(source).Id)
        {
            _counters.Reflected++;
            return false;
        }

        _extensions.Observers.Query(_faults, query, source);
        bool isDecided = false;
        bool isSent = CouldBeDecidedByExtension(query)
            && AnswerByExtension(node, query, source, local, charge, now, out isDecided);
        isSent = isDecided ? isSent : AnswerByItself(query, source, local, charge, now);
        return isSent && query.BodyFault == KrpcBodyFault.None && !query.IsReadOnly;
    }

    private bool AnswerByItself(
        in KrpcMessage query, in Endpoint source, in Endpoint local, in AnswerCharge charge, Instant now)
    {
        if (_outbox.TryReserve(source, local, out Span<byte> place) != StageResult.Ready)
        {
            _counters.AnswersDropped++;
            return false;
        }

        WrittenAnswer answer = _writer.Write(place, Envelope(query, source), query, source, now);
        _outbox.Commit(answer.Length);
        _budget.Charge(charge, answer.Length, now);
        _counters.ErrorsSent += answer.IsError ? 1 : 0;
        _counters.QueriesAnswered += !answer.IsError && answer.Length > 0 ? 1 : 0;
        if (answer.HasStored)
        {
            // After the commit: an observer that sends something would otherwise take the place of the answer.
            _budget.NoteProof(source, now);
            _counters.PeersStored++;
            _extensions.Observers.Announce(_faults, answer.StoredHash, answer.StoredPeer);
        }

        return true;
    }

    private bool CouldBeDecidedByExtension(in KrpcMessage query) =>
        !_extensions.Handlers.IsEmpty || (IsCustom(query) && _extensions.Methods.HasAny);

    private static bool IsCustom(in KrpcMessage query) =>
        query.Method == KrpcMethod.Other && query.BodyFault == KrpcBodyFault.None;

    /// <summary>
    /// Lets handlers decide, and then the answers to methods of the user's own. They write into a buffer of their own:
    /// a handler may send something before it answers.
    /// </summary>
    /// <returns>Whether something was sent.</returns>
    // Not inlined: the context is some hundred bytes, which would be cleared for every packet, even without handlers.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool AnswerByExtension(
        IMainlineNode node,
        in KrpcMessage query,
        in Endpoint source,
        in Endpoint local,
        in AnswerCharge charge,
        Instant now,
        out bool isDecided)
    {
        var context = new QueryContext(node, query, source, now, Envelope(query, source), _scratch);
        _extensions.Handlers.Run(ref context, _faults);
        isDecided = context.Decision != QueryDecision.None
            || (IsCustom(query) && _extensions.Methods.TryAnswer(ref context, _faults));
        if (!isDecided || context.Decision == QueryDecision.Vetoed)
        {
            _counters.Vetoed += isDecided ? 1 : 0;
            return false;
        }

        if (_outbox.TryReserve(source, local, out Span<byte> place) != StageResult.Ready)
        {
            _counters.AnswersDropped++;
            return false;
        }

        _scratch.AsSpan(0, context.Length).CopyTo(place);
        _outbox.Commit(context.Length);
        _budget.Charge(charge, context.Length, now);
        _counters.QueriesAnswered += context.Decision == QueryDecision.Replied ? 1 : 0;
        _counters.ErrorsSent += context.Decision == QueryDecision.Refused ? 1 : 0;
        return true;
    }

    private KrpcEnvelope Envelope(in KrpcMessage query, in Endpoint source) => new()
    {
        Id = _families.Of(source).Id,
        TransactionId = query.TransactionId,
        Version = _version,
        Requester = source,
    };
}
