using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Microsoft.Extensions.Logging;

namespace Dht.Engine;

/// <summary>Writes into the log what happens in the node; nothing for each packet.</summary>
internal sealed class EngineReporter(MainlineNode node, ILogger log) : INodeObserver
{
    private NodeId _idIPv4 = node.IdOf(IpFamily.IPv4);
    private NodeId _idIPv6 = node.IdOf(IpFamily.IPv6);
    private bool _isAlone = true;

    public void OnContactLost(in CompactNode contact)
    {
        if (!_isAlone && node.ContactCount == 0)
        {
            _isAlone = true;
            log.TableEmpty(node.EntryCount);
        }
    }

    public void OnExternalAddressChanged(in Endpoint previous, in Endpoint current)
    {
        log.ExternalAddressChanged(current, previous);
        LogId(IpFamily.IPv4, ref _idIPv4);
        LogId(IpFamily.IPv6, ref _idIPv6);
    }

    public void OnLookupFinished(in LookupReport report)
    {
        if (_isAlone && node.ContactCount > 0)
        {
            _isAlone = false;
            log.Joined(node.ContactCount);
        }

        if (report.Kind != LookupKind.Upkeep)
        {
            log.LookupFinished(report.Target, report.Answered, report.Asked, report.Elapsed);
        }
    }

    private void LogId(IpFamily family, ref NodeId known)
    {
        NodeId id = node.IdOf(family);
        if (id != known)
        {
            log.IdChanged(family, id, known);
            known = id;
        }
    }
}
