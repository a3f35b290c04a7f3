namespace Dht.Engine.Transport;

/// <summary>Which transport carries the datagrams.</summary>
public enum TransportKind
{
    /// <summary>The batch transport on 64-bit Linux, the ring elsewhere.</summary>
    Auto,

    /// <summary><see cref="SocketRingTransport"/>: every platform.</summary>
    Ring,

    /// <summary><see cref="LinuxBatchTransport"/>: 64-bit Linux only.</summary>
    Batch,
}
