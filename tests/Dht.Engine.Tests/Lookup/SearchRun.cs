using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Lookup;
using Dht.Engine.Randomness;

namespace Dht.Engine.Tests.Lookup;

/// <summary>Drives a search through a <see cref="SearchNetwork"/> at virtual time, as a node would.</summary>
internal sealed class SearchRun(SearchNetwork network, SearchConditions conditions, CandidateSet set, ulong seed)
{
    private readonly SeededRandomSource _random = new(seed);
    private readonly PriorityQueue<(Step Step, Candidate Candidate), (double Time, int Order)> _events = new();
    private readonly Dictionary<Endpoint, int> _asksOf = [];
    private readonly HashSet<Endpoint> _named = [];
    private NodeId _target;
    private double _now;
    private int _order;

    private enum Step
    {
        Answer,
        Late,
        Fail,
    }

    /// <summary>What a node of the network says instead of the truth; null keeps to it.</summary>
    public Func<int, NodeId, List<CompactNode>?>? Lie { get; init; }

    public SearchResult Search(NodeId target, int self)
    {
        _target = target;
        set.Begin(target, network.IdOf(self));
        foreach (int node in network.Closest(self, target, conditions.Seeds))
        {
            set.Add(network.IdOf(node), network.EndpointOf(node));
            _named.Add(network.EndpointOf(node));
        }

        Pump();
        while (!(conditions.UntilSettled ? set.IsSettled : set.IsComplete)
            && _events.TryDequeue(out (Step Step, Candidate Candidate) due, out (double Time, int Order) at))
        {
            _now = at.Time;
            Handle(due.Step, due.Candidate);
            Pump();
        }

        set.CheckInvariants();
        var closest = new CompactNode[set.ClosestCount];
        set.CopyClosest(closest);
        return new SearchResult(_now, set.AskedCount, closest, _asksOf, _named);
    }

    private void Pump()
    {
        while (set.TryTakeNext(out Candidate candidate))
        {
            _asksOf[candidate.Endpoint] = _asksOf.GetValueOrDefault(candidate.Endpoint) + 1;
            At(conditions.ShortTimeout, Step.Late, candidate);
            At(conditions.LongTimeout, Step.Fail, candidate);
            double roundTrip = Math.Exp(conditions.Sigma * Normal());
            bool isLost = Uniform() < conditions.Loss || Uniform() < conditions.Loss;
            if (!isLost && network.TryFind(candidate.Endpoint, out int node) && !network.IsDead(node))
            {
                At(roundTrip, Step.Answer, candidate);
            }
        }
    }

    private void Handle(Step step, in Candidate candidate)
    {
        if (step == Step.Late)
        {
            set.MarkLate(candidate.Handle);
        }
        else if (step == Step.Fail)
        {
            set.MarkFailed(candidate.Handle);
        }
        else if (network.TryFind(candidate.Endpoint, out int node)
            && set.MarkAnswered(candidate.Handle, network.IdOf(node)))
        {
            foreach (CompactNode contact in Lie?.Invoke(node, _target) ?? Truth(node))
            {
                set.Add(contact.Id, contact.Endpoint);
                _named.Add(contact.Endpoint);
            }
        }
    }

    private List<CompactNode> Truth(int node) => [.. network.Closest(node, _target, 8).Select(network.ContactOf)];

    private void At(double after, Step step, in Candidate candidate) =>
        _events.Enqueue((step, candidate), (_now + after, _order++));

    private double Uniform() => (_random.NextUInt32() + 0.5) / 4294967296.0;

    private double Normal() => Math.Sqrt(-2 * Math.Log(Uniform())) * Math.Cos(2 * Math.PI * Uniform());
}
