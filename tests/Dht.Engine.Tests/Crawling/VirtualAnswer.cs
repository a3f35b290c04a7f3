using Dht.Engine.Identity;
using Dht.Engine.Krpc;

namespace Dht.Engine.Tests.Crawling;

/// <summary>What a virtual node is about to answer; a trick changes it.</summary>
internal sealed class VirtualAnswer
{
    public required NodeId Id { get; set; }

    public required NodeId Target { get; init; }

    /// <summary>How often the node has been asked, this time included.</summary>
    public required int Asked { get; init; }

    public List<CompactNode> Contacts { get; } = [];

    public bool IsSilent { get; set; }

    public bool IsError { get; set; }

    public int ErrorCode { get; set; } = KrpcErrorCode.Server;

    public bool HasWrongTransactionId { get; set; }

    /// <summary>Added to the port that the answer comes from.</summary>
    public int PortShift { get; set; }

    public TimeSpan ExtraDelay { get; set; }
}
