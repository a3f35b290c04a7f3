using Dht.Engine.Crawling;
using Dht.Engine.Testing;

namespace Dht.Engine.Tests.Crawling;

/// <summary>Notes which nodes of a swarm a crawl has reported; allocates only when created.</summary>
internal sealed class SwarmObserver : ICrawlObserver
{
    private readonly LoopbackSwarm _swarm;
    private readonly bool[] _isFound;
    private int _total;

    public SwarmObserver(LoopbackSwarm swarm)
    {
        _swarm = swarm;
        _isFound = new bool[swarm.NodeCount];
    }

    /// <summary>Live nodes reported.</summary>
    public int Live { get; private set; }

    /// <summary>Nodes reported twice, dead ones, or strangers.</summary>
    public int Wrong { get; private set; }

    /// <summary>After every so many reports <see cref="OnMark"/> is called.</summary>
    public int MarkEvery { get; init; } = int.MaxValue;

    public Action OnMark { get; init; } = static () => { };

    public void OnNode(in CrawledNode node)
    {
        bool isNew = _swarm.TryGetIndex(node.Endpoint, out int index) && !_isFound[index];
        if (!isNew || _swarm.KindOf(index) == SwarmNodeKind.Dead)
        {
            Wrong++;
            return;
        }

        _isFound[index] = true;
        if (_swarm.KindOf(index) == SwarmNodeKind.Live)
        {
            Live++;
            Wrong += node.Id == _swarm.IdOf(index) ? 0 : 1;
        }

        if (++_total % MarkEvery == 0)
        {
            OnMark();
        }
    }
}
