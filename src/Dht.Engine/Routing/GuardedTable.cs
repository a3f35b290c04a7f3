using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Invariants;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Timing;

namespace Dht.Engine.Routing;

/// <summary>
/// A user's routing table behind a guard: what it throws is reported, and it answers as a table that is empty and
/// takes nothing. A length that cannot be is a fault too.
/// </summary>
internal sealed class GuardedTable : IRoutingTable
{
    private readonly IRoutingTable _table;
    private readonly Action<Exception> _report;
    private readonly int _rowSize;
    private NodeId _self;
    private IContactListener? _listener;

    private GuardedTable(IRoutingTable table, Action<Exception> report)
    {
        _table = table;
        _report = report;
        _self = table.Self;
        Family = table.Family;
        _rowSize = CompactNode.SizeOf(Family);
    }

    /// <summary>The id that the table says it is arranged around; what it last said when it does not say.</summary>
    public NodeId Self
    {
        get
        {
            try
            {
                _self = _table.Self;
            }
            catch (Exception fault) when (fault is not InvariantException)
            {
                _report(fault);
            }

            return _self;
        }
    }

    /// <summary>Read once: a table does not change its family.</summary>
    public IpFamily Family { get; }

    public int Count
    {
        get
        {
            try
            {
                return _table.Count;
            }
            catch (Exception fault) when (fault is not InvariantException)
            {
                _report(fault);
                return 0;
            }
        }
    }

    public IContactListener? Listener
    {
        get => _listener;
        set
        {
            _listener = value;
            try
            {
                _table.Listener = value;
            }
            catch (Exception fault) when (fault is not InvariantException)
            {
                _report(fault);
            }
        }
    }

    /// <summary>
    /// Puts a guard before a table, unless it is one of ours, which do not throw, or has a guard already.
    /// </summary>
    /// <param name="table">The table. Its id and family are read here; what it throws then is the caller's.</param>
    /// <param name="report">Receives what it throws later, on the thread that called; must not throw.</param>
    public static IRoutingTable Wrap(IRoutingTable table, Action<Exception> report) =>
        table is BucketTable or GuardedTable ? table : new GuardedTable(table, report);

    public bool Wants(in NodeId id, in Endpoint endpoint)
    {
        try
        {
            return _table.Wants(id, endpoint);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            _report(fault);
            return false;
        }
    }

    public bool Insert(in NodeId id, in Endpoint endpoint, Instant now)
    {
        try
        {
            return _table.Insert(id, endpoint, now);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            _report(fault);
            return false;
        }
    }

    public void MarkFailed(in NodeId id, in Endpoint endpoint)
    {
        try
        {
            _table.MarkFailed(id, endpoint);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            _report(fault);
        }
    }

    public void MarkReplaced(in NodeId id, in Endpoint endpoint)
    {
        try
        {
            _table.MarkReplaced(id, endpoint);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            _report(fault);
        }
    }

    public bool TryGetRival(in NodeId id, in Endpoint endpoint, Instant now, out CompactNode rival)
    {
        try
        {
            return _table.TryGetRival(id, endpoint, now, out rival);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            _report(fault);
            rival = default;
            return false;
        }
    }

    public void MarkHeard(in NodeId id, in Endpoint endpoint, Instant now)
    {
        try
        {
            _table.MarkHeard(id, endpoint, now);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            _report(fault);
        }
    }

    public int CopyClosest(in NodeId target, in NodeId except, Span<byte> destination)
    {
        try
        {
            int length = _table.CopyClosest(target, except, destination);
            return length >= 0 && length <= destination.Length && length % _rowSize == 0
                ? length
                : throw new InvalidOperationException(
                    $"The table wrote {length} bytes, in contacts of {_rowSize}, into a span of {destination.Length}.");
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            _report(fault);
            return 0;
        }
    }

    public bool TryGetNext(ref int cursor, Instant now, out Contact contact)
    {
        try
        {
            return _table.TryGetNext(ref cursor, now, out contact);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            _report(fault);
            contact = default;
            return false;
        }
    }

    public bool TryGetRefreshTarget(Instant now, IRandomSource random, out NodeId target)
    {
        try
        {
            return _table.TryGetRefreshTarget(now, random, out target);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            _report(fault);
            target = default;
            return false;
        }
    }

    public bool TryGetStale(Instant now, out CompactNode contact)
    {
        try
        {
            return _table.TryGetStale(now, out contact);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            _report(fault);
            contact = default;
            return false;
        }
    }

    public void Rebase(in NodeId self, Instant now)
    {
        try
        {
            _table.Rebase(self, now);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            _report(fault);
        }
    }
}
