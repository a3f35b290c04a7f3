using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Rpc;

namespace Dht.Engine.Testing;

/// <content>What a test sends itself, answers itself, and sees.</content>
public sealed partial class SimulatedNetwork
{
    /// <summary>The longest datagram that <see cref="Send"/> takes: the most that UDP carries over IPv4.</summary>
    public const int DatagramSizeMax = 65_507;

    /// <summary>Sees every datagram from now on; null for none.</summary>
    public ISimulationObserver? Observer { get; set; }

    /// <summary>
    /// Sends a datagram of your own: from a node, from an endpoint where none lives, or from one with a forged
    /// source. It passes over the same links as any other, without the uplink of a node.
    /// </summary>
    /// <param name="source">Where it seems to come from.</param>
    /// <param name="destination">Where it goes.</param>
    /// <param name="datagram">0 to <see cref="DatagramSizeMax"/> bytes, which are copied.</param>
    /// <param name="delay">How much later it leaves; not negative.</param>
    /// <exception cref="ArgumentException">
    /// The families of the endpoints differ, one has no address, or the datagram is too long.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The delay is negative.</exception>
    public void Send(
        in Endpoint source, in Endpoint destination, ReadOnlySpan<byte> datagram, TimeSpan delay = default)
    {
        CheckDatagram(datagram, delay);
        if (source.Family == IpFamily.None || source.Family != destination.Family)
        {
            throw new ArgumentException(
                $"A datagram goes from one address to another of the same family, not from {source} to {destination}.");
        }

        int index = _byEndpoint.TryGet(source, out int found) ? found : NoNode;
        PutOnPath(index, source, destination, datagram, delay);
    }

    internal static void CheckDatagram(ReadOnlySpan<byte> datagram, TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        if (datagram.Length > DatagramSizeMax)
        {
            throw new ArgumentException(
                $"A datagram has at most {DatagramSizeMax} bytes, not {datagram.Length}.", nameof(datagram));
        }
    }

    /// <summary>Lets a script answer. Datagrams that are not queries it never sees.</summary>
    private void Ask(SimulatedNode node, ReadOnlySpan<byte> datagram, in Endpoint source)
    {
        if (node.Options.Script is not { } script
            || KrpcMessage.Parse(datagram, out KrpcMessage query) != KrpcFault.None || query.Kind != KrpcKind.Query)
        {
            return;
        }

        Span<byte> answer = stackalloc byte[Outbox.DatagramSizeMax];
        int length = script(node, query, source, answer);
        if (length > 0)
        {
            node.Send(source, answer[..length]);
        }
    }
}
