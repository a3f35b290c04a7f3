using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;

namespace Dht.Engine.Node;

/// <summary>Gathers the contacts that a reply hands out.</summary>
internal sealed class ReplyContacts
{
    private const int OfEachMax = 8;

    private readonly NodeFamilies _families;
    private readonly int _countMax;
    private readonly byte[] _nodes = new byte[NodeOptions.ContactsPerReplyMax * CompactNode.SizeIPv4];
    private readonly byte[] _nodes6 = new byte[NodeOptions.ContactsPerReplyMax * CompactNode.SizeIPv6];

    /// <param name="families">Where the contacts come from.</param>
    /// <param name="countMax">Contacts of one family in a reply (k).</param>
    public ReplyContacts(NodeFamilies families, int countMax)
    {
        _families = families;
        _countMax = countMax;
    }

    /// <summary>
    /// The contacts nearest to a target, of the families that the query wants (BEP 32), without the asker. Good until
    /// the next call.
    /// </summary>
    public KrpcContacts Closest(in NodeId target, in KrpcMessage query, in Endpoint source)
    {
        IpFamily families = query.Want != IpFamily.None ? query.Want : source.Family;
        (int most, int entry) = families switch
        {
            IpFamily.Both => (OfEachMax, CompactNode.SizeIPv4 + CompactNode.SizeIPv6),
            IpFamily.IPv6 => (NodeOptions.ContactsPerReplyMax, CompactNode.SizeIPv6),
            _ => (NodeOptions.ContactsPerReplyMax, CompactNode.SizeIPv4),
        };
        NodeId asker = query.SenderId;
        int count = Math.Min(Math.Min(_countMax, most), (ReplySize.RoomFor(query) - ReplySize.ContactsLeave) / entry);
        int size = (families & IpFamily.IPv4) == 0 ? 0
            : _families.IPv4.Table.CopyClosest(target, asker, _nodes.AsSpan(0, count * CompactNode.SizeIPv4));
        int size6 = (families & IpFamily.IPv6) == 0 ? 0
            : _families.IPv6.Table.CopyClosest(target, asker, _nodes6.AsSpan(0, count * CompactNode.SizeIPv6));
        return new KrpcContacts
        {
            Families = families,
            Nodes = _nodes.AsSpan(0, size),
            Nodes6 = _nodes6.AsSpan(0, size6),
        };
    }
}
