using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;

namespace Dht.Engine.Bench;

/// <summary>
/// A search as one writes it first: all candidates in a list, sorted by distance after each answer, until the nearest
/// 8 that are not dead have answered.
/// </summary>
internal sealed class SortedCandidates
{
    private const int Wanted = 8;

    private readonly List<(CompactNode Contact, bool Answered)> _candidates = [];
    private readonly HashSet<Endpoint> _met = [];
    private readonly Comparison<(CompactNode Contact, bool Answered)> _byDistance;
    private NodeId _target;

    public SortedCandidates() =>
        _byDistance = (left, right) => NodeId.CompareDistance(_target, left.Contact.Id, right.Contact.Id);

    public int Search(ScriptedSearch script)
    {
        int answers = 0;
        _target = script.Target;
        _candidates.Clear();
        _met.Clear();
        Add(script.Seeds);
        while (NextToAsk() is var next && next >= 0)
        {
            CompactNode contact = _candidates[next].Contact;
            if (ScriptedSearch.IsSilent(contact.Id))
            {
                _candidates.RemoveAt(next);
                continue;
            }

            answers++;
            _candidates[next] = (contact, true);
            Add(script.AnswerOf(contact.Id));
        }

        return answers;
    }

    private int NextToAsk()
    {
        for (int i = 0; i < Math.Min(Wanted, _candidates.Count); i++)
        {
            if (!_candidates[i].Answered)
            {
                return i;
            }
        }

        return -1;
    }

    private void Add(ReadOnlySpan<CompactNode> contacts)
    {
        foreach (CompactNode contact in contacts)
        {
            if (_met.Add(contact.Endpoint))
            {
                _candidates.Add((contact, false));
            }
        }

        _candidates.Sort(_byDistance);
    }
}
