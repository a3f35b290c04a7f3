using Dht.Engine.Testing.Simulation;

namespace Dht.Engine.Testing;

/// <content>Nodes that die and come back, and networks that fall apart.</content>
public sealed partial class SimulatedNetwork
{
    private readonly List<SimulatedNode> _left = [];
    private SimulatedChurn? _churn;
    private int _churnUse;

    /// <summary>Lets a node vanish without a word. It keeps what it knows. Does nothing when it is dead.</summary>
    /// <exception cref="ArgumentException">It belongs to another network.</exception>
    public void Kill(SimulatedNode node)
    {
        Check(node);
        node.IsAlive = false;
        node.Outbox?.Clear();
    }

    /// <summary>
    /// Lets a dead node continue where it stopped, as after a while without a network. Does nothing when it is alive.
    /// </summary>
    /// <exception cref="ArgumentException">It belongs to another network.</exception>
    public void Revive(SimulatedNode node)
    {
        Check(node);
        if (!node.IsAlive)
        {
            node.IsAlive = true;
            node.LeftByChurn = false;
            Touch(node);
        }
    }

    /// <summary>
    /// Restarts a node, dead or alive: at the same endpoint, with an empty table, other bootstrap nodes and, unless
    /// its options name one, another id. Its lookups end first. Tables and a peer store that its options name keep
    /// what they hold. A crawl begins again, with nothing known.
    /// </summary>
    /// <exception cref="ArgumentException">It belongs to another network.</exception>
    public void Restart(SimulatedNode node)
    {
        Check(node);
        if (node.Core != null)
        {
            node.Core.CloseQueries();
            node.Outbox!.Clear();
            node.Core = CreateCore(node, node.Options.Node ?? Options.Node);
        }
        else if (node.Crawl is { } crawl)
        {
            node.Outbox!.Clear();
            crawl.Begin();
        }

        node.IsAlive = true;
        node.LeftByChurn = false;
        node.Restarts++;
        Touch(node);
    }

    /// <summary>
    /// Cuts the network into parts: from now on datagrams pass only between nodes of one side. Those under way still
    /// arrive.
    /// </summary>
    /// <param name="sideOf">
    /// The side of each node, any number. Nodes that are added later, and endpoints without a node, are on side 0.
    /// </param>
    public void Partition(Func<SimulatedNode, int> sideOf)
    {
        ArgumentNullException.ThrowIfNull(sideOf);
        foreach (SimulatedNode node in _nodes)
        {
            node.Side = sideOf(node);
        }
    }

    /// <summary>Ends a partition.</summary>
    public void Heal() => Partition(static _ => 0);

    /// <summary>
    /// Lets nodes come and go by themselves from now on; null ends it, and those that have left stay dead.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A rate is out of its range.</exception>
    public void SetChurn(SimulatedChurn? churn)
    {
        churn?.Validate();
        _churn = churn;

        // What is still in the queue belongs to the previous churn, and is skipped.
        _churnUse++;
        ScheduleChurn(SimulationEventKind.Leave);
        ScheduleChurn(SimulationEventKind.Join);
    }

    private void Churn(SimulationEventKind kind, int use)
    {
        if (use != _churnUse || _churn == null)
        {
            return;
        }

        if (kind == SimulationEventKind.Leave)
        {
            LetOneLeave(_churn);
        }
        else
        {
            LetOneJoin();
        }

        ScheduleChurn(kind);
    }

    private void LetOneLeave(SimulatedChurn churn)
    {
        int live = 0;
        foreach (SimulatedNode node in _nodes)
        {
            live += node.IsAlive && node.Kind == SimulatedNodeKind.Honest ? 1 : 0;
        }

        SimulatedNode chosen = _nodes[_random.Next(_nodes.Count)];
        bool mayLeave = chosen.IsAlive && chosen.Kind == SimulatedNodeKind.Honest && !chosen.Options.IsPermanent;
        if (live > churn.LiveMin && mayLeave)
        {
            Kill(chosen);
            chosen.LeftByChurn = true;
            _left.Add(chosen);
            _statistics.Left++;
        }
    }

    private void LetOneJoin()
    {
        while (_left.Count > 0)
        {
            int place = _random.Next(_left.Count);
            SimulatedNode chosen = _left[place];
            _left[place] = _left[^1];
            _left.RemoveAt(_left.Count - 1);
            if (chosen.LeftByChurn)
            {
                Restart(chosen);
                _statistics.Joined++;
                return;
            }
        }
    }

    private void ScheduleChurn(SimulationEventKind kind)
    {
        double rate = kind == SimulationEventKind.Leave ? _churn?.LeavesPerSecond ?? 0 : _churn?.JoinsPerSecond ?? 0;
        if (rate > 0)
        {
            // The pause between two of independent events is exponential.
            double seconds = -PortableMath.Log(1 - PortableMath.Uniform(_random.NextUInt64())) / rate;
            _events.Add(Now + TimeSpan.FromTicks(1 + (long)(seconds * TimeSpan.TicksPerSecond)), kind, _churnUse);
        }
    }

    private void Check(SimulatedNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (node.Network != this)
        {
            throw new ArgumentException("The node belongs to another network.", nameof(node));
        }
    }
}
