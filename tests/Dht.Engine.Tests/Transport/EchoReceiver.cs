using Dht.Engine.Addressing;
using Dht.Engine.Rpc;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Transport;

/// <summary>Stages every datagram for its sender.</summary>
internal sealed class EchoReceiver(Outbox outbox) : IDatagramReceiver
{
    public Outbox Outbox { get; } = outbox;

    public void OnDatagram(ReadOnlySpan<byte> datagram, in Endpoint source, in Endpoint local)
    {
        if (Outbox.TryReserve(source, out Span<byte> place) == StageResult.Ready)
        {
            datagram.CopyTo(place);
            Outbox.Commit(datagram.Length);
        }
    }
}
