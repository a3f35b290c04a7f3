using Dht.Engine.Timing;

namespace Dht.Engine.Rpc;

/// <summary>Notified when a datagram that it staged has not left this machine.</summary>
internal interface ISendOwner
{
    /// <summary>The system refused the datagram: no route, no permission, no room.</summary>
    /// <param name="ticket">As given when it was staged.</param>
    /// <param name="now">The current instant.</param>
    void OnRefused(long ticket, Instant now);
}
