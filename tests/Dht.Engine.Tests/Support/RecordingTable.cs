using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Support;

/// <summary>A user's own table: it holds one contact at most and counts what is asked of it.</summary>
internal sealed class RecordingTable(IpFamily family) : IRoutingTable
{
    private CompactNode? _held;

    public NodeId Self { get; private set; }

    public IpFamily Family => family;

    public int Count => _held.HasValue ? 1 : 0;

    public IContactListener? Listener { get; set; }

    public List<CompactNode> Inserted { get; } = [];

    public int ClosestCalls { get; private set; }

    public int Rebases { get; private set; }

    public bool ThrowsOnSearch { get; set; }

    public bool ThrowsOnRebase { get; set; }

    public bool Wants(in NodeId id, in Endpoint endpoint) => !_held.HasValue;

    public bool Insert(in NodeId id, in Endpoint endpoint, Instant now)
    {
        _held = new CompactNode(id, endpoint);
        Inserted.Add(_held.Value);
        return true;
    }

    public void MarkFailed(in NodeId id, in Endpoint endpoint)
    {
    }

    public void MarkHeard(in NodeId id, in Endpoint endpoint, Instant now)
    {
    }

    public int CopyClosest(in NodeId target, in NodeId except, Span<byte> destination)
    {
        ClosestCalls++;
        if (ThrowsOnSearch)
        {
            throw new NotSupportedException("not today");
        }

        return _held is { } held && destination.Length >= CompactNode.SizeOf(family) ? held.Write(destination) : 0;
    }

    public bool TryGetNext(ref int cursor, Instant now, out Contact contact)
    {
        contact = default;
        return false;
    }

    public bool TryGetRefreshTarget(Instant now, IRandomSource random, out NodeId target)
    {
        target = default;
        return false;
    }

    public bool TryGetStale(Instant now, out CompactNode contact)
    {
        contact = default;
        return false;
    }

    public void Rebase(in NodeId self, Instant now)
    {
        if (ThrowsOnRebase)
        {
            throw new NotSupportedException("not here");
        }

        Self = self;
        Rebases++;
    }
}
