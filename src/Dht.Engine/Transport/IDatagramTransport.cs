using Dht.Engine.Addressing;
using Dht.Engine.Rpc;

namespace Dht.Engine.Transport;

/// <summary>
/// A UDP socket as the engine's loop sees it: drain, send, wait. One thread drives it; only <see cref="Wake"/> and
/// <see cref="Counters"/> may be called from others, also after the disposal.
/// </summary>
public interface IDatagramTransport : IDisposable
{
    /// <summary>Where the socket is bound; the port is the real one.</summary>
    Endpoint LocalEndpoint { get; }

    /// <summary>What went through it so far. Thread-safe; reading them may take a call to the system.</summary>
    TransportCounters Counters { get; }

    /// <summary>The system's buffers, as they were when the socket was bound.</summary>
    TransportBuffers Buffers => default;

    /// <summary>Hands over what has arrived, at most one batch, without waiting.</summary>
    /// <returns>How many datagrams there were.</returns>
    int Receive(IDatagramReceiver receiver);

    /// <summary>
    /// Sends everything that is staged, each from the address that <see cref="Outbox.Source"/> names, and clears the
    /// outbox. What the system refuses is dropped, counted, and noted by <see cref="Outbox.Refuse"/>. It may wait for
    /// room, but only for a bounded time: while it waits, nothing is received.
    /// </summary>
    void Send(Outbox outbox);

    /// <summary>
    /// Waits until there may be something to receive, until <see cref="Wake"/>, or until the timeout.
    /// </summary>
    void Wait(TimeSpan timeout);

    /// <summary>
    /// Ends the current <see cref="Wait"/>, or the next one. Thread-safe; does nothing after the disposal.
    /// </summary>
    void Wake();
}
