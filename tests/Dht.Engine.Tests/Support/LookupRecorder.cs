using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Node;

namespace Dht.Engine.Tests.Support;

/// <summary>Writes down what lookups find. Allocates nothing of its own.</summary>
internal sealed class LookupRecorder : ILookupListener
{
    private readonly CompactNode[] _closest = new CompactNode[2 * MainlineNode.ContactsPerReplyMax];
    private int _closestCount;

    public int Ends { get; private set; }

    public int Peers { get; private set; }

    public LookupReport Report { get; private set; }

    public long Cookie { get; private set; }

    public ReadOnlySpan<CompactNode> Closest => _closest.AsSpan(0, _closestCount);

    /// <summary>Ended lookups of each status.</summary>
    public int[] Statuses { get; } = new int[16];

    public Action<LookupReport, long>? OnEnd { get; set; }

    /// <summary>Whether peers may be others than the usual ones.</summary>
    public bool AnyPeer { get; init; }

    public Action<long>? OnPeer { get; set; }

    public void OnPeers(CompactPeers peers, in Endpoint source, long cookie)
    {
        foreach (Endpoint peer in peers)
        {
            Peers++;
            Assert.True(AnyPeer || peer.Port == 7000);
        }

        OnPeer?.Invoke(cookie);
    }

    public void OnFinished(in LookupReport report, ReadOnlySpan<CompactNode> closest, long cookie)
    {
        Ends++;
        Report = report;
        Cookie = cookie;
        Statuses[(int)report.Status]++;
        closest.CopyTo(_closest);
        _closestCount = closest.Length;
        OnEnd?.Invoke(report, cookie);
    }
}
