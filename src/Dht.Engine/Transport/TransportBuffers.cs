namespace Dht.Engine.Transport;

/// <summary>
/// What the system grants of the room for datagrams that wait in the kernel. Less than was asked for means that a
/// burst is lost earlier. All zero: the transport does not know.
/// </summary>
/// <param name="Asked">Bytes asked for, each way.</param>
/// <param name="Receive">Bytes granted for datagrams that arrived.</param>
/// <param name="Send">Bytes granted for datagrams on their way out.</param>
public readonly record struct TransportBuffers(int Asked, int Receive, int Send)
{
    /// <summary>Whether the system grants less for what arrives than was asked for.</summary>
    public bool IsReceiveClipped => Receive < Asked;

    /// <summary>Whether the system grants less for what is sent than was asked for.</summary>
    public bool IsSendClipped => Send < Asked;
}
