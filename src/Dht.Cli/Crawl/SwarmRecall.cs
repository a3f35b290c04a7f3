using Dht.Engine.Addressing;
using Dht.Engine.Testing;

namespace Dht.Cli.Crawl;

/// <summary>
/// Which live nodes of a swarm a crawl has found: one bit for each, so that nothing counts twice. Written on the
/// crawl's thread.
/// </summary>
internal sealed class SwarmRecall
{
    private const int BitsPerWord = 64;

    private readonly LoopbackSwarm _swarm;
    private readonly ulong[] _found;
    private long _count;

    public SwarmRecall(LoopbackSwarm swarm)
    {
        _swarm = swarm;
        _found = new ulong[(swarm.NodeCount + BitsPerWord - 1) / BitsPerWord];
    }

    public int Nodes => _swarm.NodeCount;

    public int Live => _swarm.LiveCount;

    /// <summary>Live nodes found so far; may be read from any thread.</summary>
    public long Found => Volatile.Read(ref _count);

    public double Share => Live == 0 ? 1 : (double)Found / Live;

    public void Add(in Endpoint endpoint)
    {
        if (!_swarm.TryGetIndex(endpoint, out int index) || _swarm.KindOf(index) != SwarmNodeKind.Live)
        {
            return;
        }

        ref ulong word = ref _found[index / BitsPerWord];
        ulong bit = 1ul << (index % BitsPerWord);
        Volatile.Write(ref _count, _count + ((word & bit) == 0 ? 1 : 0));
        word |= bit;
    }
}
