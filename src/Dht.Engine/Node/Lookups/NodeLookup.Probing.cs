using Dht.Engine.Identity;
using Dht.Engine.Lookup;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <content>
/// The end of a lookup that met dead contacts among the nearest: the nearest that live are asked about their own neighbourhoods, for
/// those who were not named because dead ones took their places in the replies.
/// </content>
internal sealed partial class NodeLookup
{
    private const int ProbesMax = 64;

    // Bit i is probe i, from its query to its end, or until it is late.
    private ulong _probesOpen;
    private int _probesSent;

    private void BeginProbing()
    {
        _probesOpen = 0;
        _probesSent = 0;
    }

    /// <summary>Sends the probes that make sense; whether any is to be waited for.</summary>
    private bool IsProbing(Instant now)
    {
        if (Kind != LookupKind.Upkeep)
        {
            Probe(_setIPv4, now);
            Probe(_setIPv6, now);
        }

        return _probesOpen != 0;
    }

    private void Probe(CandidateSet set, Instant now)
    {
        while (_probesSent < ProbesMax - 1 && set.IsTimeToProbe && set.TryTakeProbe(out Candidate candidate))
        {
            // Those near to itself, and of the part of the id space that it lies in those near to the target.
            Probe(candidate, candidate.Id, now);
            int shared = candidate.Id.CommonPrefixLength(_request.Target);
            if (shared < NodeId.Bits)
            {
                Probe(candidate, _request.Target.WithFlippedBit(shared), now);
            }
        }
    }

    private void Probe(in Candidate candidate, in NodeId target, Instant now)
    {
        // An extra: what cannot be sent now is let go.
        if (TryProbe(candidate, target, now) == AskResult.Sent)
        {
            _node.ExpectId(candidate.Id, insist: true);
            _probesOpen |= 1ul << _probesSent++;
        }
    }

    private AskResult TryProbe(in Candidate candidate, in NodeId target, Instant now)
    {
        try
        {
            return _node.FindNode(
                candidate.Endpoint, target, _node.Want, now, this, UseBits | ProbeFlag | (uint)_probesSent);
        }
        catch (Exception fault)
        {
            _node.Report(fault);
            return AskResult.Forbidden;
        }
    }

    private void EndProbe(long cookie) => _probesOpen &= ~(1ul << (int)HandleOf(cookie));
}
