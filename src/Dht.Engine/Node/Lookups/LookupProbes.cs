using Dht.Engine.Identity;
using Dht.Engine.Lookup;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// The end of a lookup that met dead contacts among the nearest: the nearest that live are asked about their own
/// neighbourhoods, for those that were not named because dead ones took their places in the replies.
/// </summary>
internal sealed class LookupProbes
{
    private const int ProbesMax = 64;

    // Of one family. Bit i is probe i, from its query to its end, or until it is late.
    private ulong _open;

    /// <summary>Probes sent.</summary>
    public int Sent { get; private set; }

    /// <summary>Whether any is to be waited for.</summary>
    public bool IsAnyOpen => _open != 0;

    public void Begin()
    {
        _open = 0;
        Sent = 0;
    }

    /// <summary>Sends the probes that make sense.</summary>
    public void Send(FamilySearch search, in NodeId target, Instant now)
    {
        CandidateSet set = search.Candidates;
        while (Sent < ProbesMax - 1 && set.IsTimeToProbe && set.TryTakeProbe(out Candidate candidate))
        {
            // Those near to itself, and of the part of the id space that it lies in those near to the target.
            Send(search, candidate, candidate.Id, now);
            int shared = candidate.Id.CommonPrefixLength(target);
            if (shared < NodeId.Bits)
            {
                Send(search, candidate, target.WithFlippedBit(shared), now);
            }
        }
    }

    /// <summary>A probe has ended, or is no longer waited for.</summary>
    public void End(LookupCookie cookie) => _open &= ~(1ul << (int)cookie.Handle);

    // An extra: what cannot be sent now is dropped.
    private void Send(FamilySearch search, in Candidate candidate, in NodeId target, Instant now)
    {
        if (search.Probe(candidate, target, Sent, now) == AskResult.Sent)
        {
            _open |= 1ul << Sent++;
        }
    }
}
