using System.Net.Sockets;

namespace Dht.Engine.Transport;

/// <summary>What a transport has done so far.</summary>
public record struct TransportCounters
{
    /// <summary>Datagrams received.</summary>
    public long Received { get; set; }

    /// <summary>Bytes of payload received.</summary>
    public long BytesReceived { get; set; }

    /// <summary>Datagrams sent.</summary>
    public long Sent { get; set; }

    /// <summary>Bytes of payload sent.</summary>
    public long BytesSent { get; set; }

    /// <summary>Datagrams that the system refused to send: no route, no permission, no buffer space.</summary>
    public long SendErrors { get; set; }

    /// <summary>
    /// What the system said the last time it refused one; <see cref="SocketError.Success"/> while it never has.
    /// </summary>
    public SocketError LastSendError { get; set; }

    /// <summary>Receive calls that failed.</summary>
    public long ReceiveErrors { get; set; }

    /// <summary>
    /// Datagrams that arrived while the system's receive buffer was full, and were thrown away by it; not among
    /// <see cref="Received"/>. Linux reports them; elsewhere it stays 0.
    /// </summary>
    public long KernelDropped { get; set; }

    /// <summary>Datagrams longer than 16,384 bytes, dropped.</summary>
    public long Truncated { get; set; }
}
