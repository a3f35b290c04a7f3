using Dht.Engine.Addressing;

namespace Dht.Engine.Node;

/// <summary>
/// Whether our address may have changed: several nodes in a row, none of the network of the one before, see us at
/// another address than the one we believe, and at the same one.
/// </summary>
internal sealed class AddressDoubt
{
    private const int VotesInARow = 3;

    private Endpoint _seenAt;
    private Endpoint _lastVoter;
    private int _votes;

    /// <summary>Counts what a verified response says our address is; whether that makes enough of them.</summary>
    public bool Note(in Endpoint voter, in Endpoint seenAt, in Endpoint current)
    {
        if (current.Family == IpFamily.None || seenAt.HasSameAddress(current))
        {
            _votes = 0;
            return false;
        }

        if (_votes == 0 || !seenAt.HasSameAddress(_seenAt))
        {
            _votes = 0;
            _seenAt = seenAt;
        }
        else if (voter.HasSameNetwork(_lastVoter))
        {
            return false;
        }

        _lastVoter = voter;
        return ++_votes == VotesInARow;
    }
}
