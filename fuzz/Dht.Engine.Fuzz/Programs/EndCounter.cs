using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Node;

namespace Dht.Engine.Fuzz.Programs;

/// <summary>Waits for the ends of queries and lookups: each ends exactly once.</summary>
internal sealed class EndCounter : IQueryListener, ILookupListener
{
    private const int Max = 1024;

    private readonly bool[] _isOpen = new bool[Max];
    private int _count;

    /// <summary>How many have not ended yet.</summary>
    public int Open { get; private set; }

    /// <summary>The cookie for one more; -1 when there is no room for more.</summary>
    public int Next => _count < Max ? _count : -1;

    /// <summary>Forgets all.</summary>
    public void Reset()
    {
        Array.Clear(_isOpen, 0, _count);
        _count = 0;
        Open = 0;
    }

    /// <summary>Before something begins that may end at once: waits for <see cref="Next"/>.</summary>
    public void Begin()
    {
        _isOpen[_count++] = true;
        Open++;
    }

    /// <summary>What was to begin last has not begun.</summary>
    public void Withdraw()
    {
        FuzzFailureException.Require(_isOpen[_count - 1], "what has not begun does not end");
        _isOpen[--_count] = false;
        Open--;
    }

    /// <inheritdoc/>
    public void OnResponse(in KrpcMessage response, in Endpoint source, TimeSpan roundTrip, long cookie)
    {
        FuzzFailureException.Require(roundTrip >= TimeSpan.Zero, "no answer comes before its question");
        End(cookie);
    }

    /// <inheritdoc/>
    public void OnError(in KrpcMessage error, in Endpoint source, long cookie) => End(cookie);

    /// <inheritdoc/>
    public void OnTimeout(in Endpoint destination, long cookie) => End(cookie);

    /// <inheritdoc/>
    public void OnLate(in Endpoint destination, long cookie) =>
        FuzzFailureException.Require(_isOpen[cookie], "only what has not ended is late");

    /// <inheritdoc/>
    public void OnFinished(in LookupReport report, ReadOnlySpan<CompactNode> closest, long cookie)
    {
        FuzzFailureException.Require(report.Answered <= report.Asked, "no node answers that was not asked");
        End(cookie);
    }

    private void End(long cookie)
    {
        FuzzFailureException.Require(_isOpen[cookie], "a query or a lookup ends once");
        _isOpen[cookie] = false;
        Open--;
    }
}
