using Dht.Engine.Addressing;
using Dht.Engine.Rpc;
using Dht.Engine.Transport;

namespace Dht.Engine.Bench.Load.Servers;

/// <summary>
/// An echo over a transport of the engine: its drain, its nap and its outbox, with no node in between.
/// </summary>
internal sealed class TransportEcho : IDatagramReceiver
{
    // As the engine's own loop has them.
    private const int OutboxDatagrams = 512;
    private const int OutboxBytes = 512 * 1024;

    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(1);

    private readonly Outbox _outbox = new(OutboxDatagrams, OutboxBytes, AddressPolicy.AllowLocal);
    private readonly int _replySize;

    private TransportEcho(int replySize) => _replySize = replySize;

    public static void Run(Endpoint local, TransportKind kind, int replySize)
    {
        using IDatagramTransport transport = DatagramTransport.Bind(local, kind);
        var echo = new TransportEcho(replySize);
        ServerConsole.Open(transport.LocalEndpoint.Port);
        while (true)
        {
            transport.Receive(echo);
            if (echo._outbox.Count > 0)
            {
                transport.Send(echo._outbox);
            }

            transport.Wait(WaitMax);
        }
    }

    void IDatagramReceiver.OnDatagram(ReadOnlySpan<byte> datagram, in Endpoint source, in Endpoint local)
    {
        if (datagram.Length <= _replySize && _outbox.TryReserve(source, out Span<byte> place) == StageResult.Ready)
        {
            datagram.CopyTo(place);
            _outbox.Commit(_replySize);
        }
    }
}
