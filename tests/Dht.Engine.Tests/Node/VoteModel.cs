using Dht.Engine.Addressing;

namespace Dht.Engine.Tests.Node;

/// <summary>
/// The vote about our address as plain lists say it, oldest vote first; the naive side of a model test.
/// </summary>
internal sealed class VoteModel(int quorum, int capacity, bool perEndpoint)
{
    private List<(Endpoint Voter, Endpoint Observed)> _votes = [];

    public Endpoint Current { get; private set; }

    public int Count => _votes.Count;

    public bool Cast(Endpoint voter, Endpoint observed)
    {
        _votes.RemoveAll(vote => perEndpoint ? vote.Voter == voter : NetworkOf(vote.Voter) == NetworkOf(voter));
        _votes.Add((voter, observed));
        _votes = [.. _votes.TakeLast(capacity)];
        IGrouping<string, (Endpoint Voter, Endpoint Observed)> best = _votes
            .GroupBy(vote => vote.Observed.WithPort(0).ToString())
            .MaxBy(group => group.Count())!;
        bool wins = best.Count() >= quorum && best.Count() > _votes.Count / 2.0;
        bool changes = wins && best.Key != Current.WithPort(0).ToString();
        if (changes || observed.WithPort(0) == Current.WithPort(0))
        {
            Current = observed;
        }

        if (changes)
        {
            Set(observed);
        }

        return changes;
    }

    public void Set(Endpoint address)
    {
        Current = address;
        _votes.RemoveAll(vote => vote.Observed.WithPort(0) != address.WithPort(0));
    }

    private static string NetworkOf(Endpoint endpoint)
    {
        byte[] bytes = endpoint.ToAddress().GetAddressBytes();
        return Convert.ToHexString(bytes.AsSpan(0, bytes.Length == 4 ? 3 : 4));
    }
}
