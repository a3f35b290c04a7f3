using Dht.Engine.Addressing;
using Dht.Engine.Krpc;

namespace Dht.Engine.Tests.Krpc;

/// <summary>Reads everything that a view offers and checks that it stays inside the datagram and in shape.</summary>
internal static class KrpcProbe
{
    public static KrpcFault ParseAndRead(ReadOnlySpan<byte> datagram)
    {
        KrpcFault fault = KrpcMessage.Parse(datagram, out KrpcMessage message);
        if (fault == KrpcFault.None)
        {
            Read(message, datagram);
        }

        return fault;
    }

    private static void Read(in KrpcMessage message, ReadOnlySpan<byte> datagram)
    {
        Inside(message.TransactionId, datagram);
        Inside(message.MethodName, datagram);
        Inside(message.Version, datagram);
        Inside(message.Body, datagram);
        Inside(message.Id, datagram);
        Inside(message.Token, datagram);
        Inside(message.ErrorText, datagram);
        Inside(message.Samples, datagram);
        Inside(message.Nodes.Bytes, datagram);
        Inside(message.Nodes6.Bytes, datagram);
        Require(message.TransactionId.Length is >= 1 and <= 255);
        Require(message.Id.Length is 0 or 20);
        Require(message.HasId == (message.Id.Length == 20));
        Require(message.Kind is KrpcKind.Query or KrpcKind.Response or KrpcKind.Error);
        Require(message.TrailingBytes >= 0 && message.TrailingBytes < datagram.Length);
        Require(message.Interval is >= 0 and <= 21_600 && message.Num >= 0);
        Require(message.Kind == KrpcKind.Error || message.BodyFault != KrpcBodyFault.None || message.HasId);
        _ = (message.SenderId, message.Target, message.InfoHash);
        if (message.TryGetObservedEndpoint(out Endpoint observed))
        {
            Require(observed.Family != IpFamily.None);
        }

        int contacts = 0;
        foreach (CompactNode node in message.Nodes)
        {
            Require(node.Endpoint.IsIPv4);
            contacts++;
        }

        foreach (CompactNode node in message.Nodes6)
        {
            Require(node.Endpoint.IsIPv6);
            contacts++;
        }

        Require(contacts == message.Nodes.Count + message.Nodes6.Count);
        foreach (Endpoint peer in message.Values)
        {
            Require(peer.Family != IpFamily.None);
        }
    }

    private static void Inside(ReadOnlySpan<byte> part, ReadOnlySpan<byte> datagram) =>
        Require(
            part.IsEmpty
            || (datagram.Overlaps(part, out int offset) && offset >= 0 && offset + part.Length <= datagram.Length));

    private static void Require(bool condition)
    {
        if (!condition)
        {
            throw new InvalidOperationException("The view is out of shape.");
        }
    }
}
