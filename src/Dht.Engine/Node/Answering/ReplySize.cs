using Dht.Engine.Krpc;

namespace Dht.Engine.Node;

/// <summary>
/// How the bytes of a reply are shared out. A reply stays within 1,024 bytes. Keys, ids, token, version and the heads
/// of all strings take at most 170 of them, the echoed transaction id up to 255. Of the rest, contacts leave 64 to
/// peers or samples: 16 contacts of one family (608) or 8 of each (512) fit with a transaction id of usual length.
/// </summary>
internal static class ReplySize
{
    public const int Max = 1024;
    public const int ContactsLeave = 64;

    private const int OverheadMax = 170;

    /// <summary>Bytes for contacts, peers and samples in the reply to a query.</summary>
    public static int RoomFor(in KrpcMessage query) => Max - OverheadMax - query.TransactionId.Length;
}
