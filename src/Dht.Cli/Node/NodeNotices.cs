using Dht.Cli.Output;
using Dht.Engine;
using Dht.Engine.Addressing;

namespace Dht.Cli.Node;

/// <summary>
/// What a user must know of a running node: that it has joined, that the system does not let it send, that nobody asks
/// it. It is shown the counters many times a second, and says what is new in them.
/// </summary>
internal sealed class NodeNotices
{
    // Others meet a node that has joined within seconds; by then many have asked one that can be reached.
    private static readonly TimeSpan AskedPatience = TimeSpan.FromMinutes(5);

    private readonly Endpoint _local;
    private readonly bool _isReadOnly;
    private readonly RefusalNotice _refusals = new();
    private TimeSpan _joinedAt;
    private bool _isSilenceSettled;

    /// <param name="local">The node's socket.</param>
    /// <param name="isReadOnly">Whether it tells others not to ask it.</param>
    public NodeNotices(in Endpoint local, bool isReadOnly)
    {
        _local = local;
        _isReadOnly = isReadOnly;
    }

    public bool HasJoined { get; private set; }

    /// <summary>The lines that are to be said now; nothing is allocated when there are none.</summary>
    /// <param name="counters">The engine's.</param>
    /// <param name="elapsed">Since the start.</param>
    public IReadOnlyList<string> Look(in DhtEngineCounters counters, TimeSpan elapsed)
    {
        string? joined = LookAtContacts(counters, elapsed);
        string? refused = _refusals.Look(_local, counters.Transport, elapsed);
        string? silence = LookAtQueries(counters, elapsed);
        return joined == null && refused == null && silence == null
            ? []
            : [.. new[] { joined, refused, silence }.OfType<string>()];
    }

    private string? LookAtContacts(in DhtEngineCounters counters, TimeSpan elapsed)
    {
        if (HasJoined || counters.Contacts == 0)
        {
            return null;
        }

        HasJoined = true;
        _joinedAt = elapsed;
        return $"joined after {Human.Seconds(elapsed)}";
    }

    private string? LookAtQueries(in DhtEngineCounters counters, TimeSpan elapsed)
    {
        if (_isReadOnly || _isSilenceSettled || !HasJoined || elapsed - _joinedAt < AskedPatience)
        {
            return null;
        }

        _isSilenceSettled = true;
        return counters.Node.QueriesReceived > 0
            ? null
            : $"joined, but nobody has asked us in {AskedPatience.TotalMinutes:0} minutes: a firewall or NAT may keep "
                + "them out";
    }
}
