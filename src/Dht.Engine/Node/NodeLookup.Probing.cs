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
        Probe(_setIPv4, now);
        Probe(_setIPv6, now);
        return _probesOpen != 0;
    }

    private void Probe(CandidateSet set, Instant now)
    {
        while (_probesSent < ProbesMax && set.TryTakeProbe(out Candidate candidate))
        {
            // An extra: what cannot be sent now is let go.
            long cookie = UseBits | ProbeFlag | (uint)_probesSent;
            if (AskAboutItself(candidate, now, cookie) == AskResult.Sent)
            {
                _node.ExpectId(candidate.Id, insist: true);
                _probesOpen |= 1ul << _probesSent++;
            }
        }
    }

    private AskResult AskAboutItself(in Candidate candidate, Instant now, long cookie)
    {
        try
        {
            return _node.FindNode(candidate.Endpoint, candidate.Id, _node.Want, now, this, cookie);
        }
        catch (Exception fault)
        {
            return PassOver(fault);
        }
    }

    private void EndProbe(long cookie) => _probesOpen &= ~(1ul << (int)HandleOf(cookie));
}
