using Dht.Engine.Addressing;

namespace Dht.Engine.Crawling;

/// <summary>
/// The nodes of one address family: all that are known, how far they have been asked for the first time, and how far
/// they have been looked through for those that are to be asked again.
/// </summary>
/// <remarks>A handle names a node of either family: [ index in the known set, 30 bits | family 1 ].</remarks>
internal sealed partial class FamilyFrontier(IpFamily family, int expectedNodes, int nodesMax, EndpointHasher hasher)
{
    private readonly int _familyBit = BitOf(family);
    private int _cursor;
    private int _scan;
    private int _scanEnd;

    /// <summary>All nodes of the family.</summary>
    public KnownSet Known { get; } = new(family, expectedNodes, nodesMax, hasher);

    /// <summary>The last bit of the handles of a family's nodes.</summary>
    public static int BitOf(IpFamily family) => family == IpFamily.IPv6 ? 1 : 0;

    /// <summary>The last bit of a handle.</summary>
    public static int BitOf(int handle) => handle & 1;

    /// <summary>The number of a node in the known set of its family.</summary>
    public static int IndexOf(int handle) => handle >> 1;

    /// <summary>The handle of a node of a family.</summary>
    public static int HandleOf(int index, IpFamily family) => (index << 1) | BitOf(family);

    /// <summary>Takes the next node that has not been asked yet; false when there is none.</summary>
    public bool TryTakeNew(out int handle)
    {
        handle = HandleOf(_cursor);
        if (_cursor == Known.Count)
        {
            return false;
        }

        _cursor++;
        return true;
    }

    /// <summary>Begins to look through all nodes that are known now.</summary>
    public void BeginScan()
    {
        _scan = 0;
        _scanEnd = Known.Count;
    }

    /// <summary>Finds the next node at a step; false when all have been looked at.</summary>
    public bool TryScan(CrawlStep sought, out int handle)
    {
        handle = 0;
        while (_scan < _scanEnd)
        {
            handle = HandleOf(_scan);
            if (Known[_scan++].State.Step == sought)
            {
                return true;
            }
        }

        return false;
    }

    private int HandleOf(int index) => (index << 1) | _familyBit;
}
