namespace Dht.Engine.Krpc;

/// <summary>The query methods that the engine knows by itself.</summary>
public enum KrpcMethod : byte
{
    /// <summary>Another method, or no method; its name is in <see cref="KrpcMessage.MethodName"/>.</summary>
    Other,

    /// <summary>BEP 5 <c>ping</c>.</summary>
    Ping,

    /// <summary>BEP 5 <c>find_node</c>.</summary>
    FindNode,

    /// <summary>BEP 5 <c>get_peers</c>.</summary>
    GetPeers,

    /// <summary>BEP 5 <c>announce_peer</c>.</summary>
    AnnouncePeer,

    /// <summary>BEP 51 <c>sample_infohashes</c>.</summary>
    SampleInfoHashes,
}
