using System.Runtime.Versioning;
using Dht.Engine.Addressing;
using Dht.Engine.Transport;

namespace Dht.Engine.Bench.Load.Servers;

/// <summary>
/// The ceiling of what C# reaches: sends every datagram back, lengthened to the size of a node's reply, and looks at
/// nothing. It blocks until the first datagram comes and takes what else is there, up to 64.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class BatchEcho
{
    public static void Run(Endpoint local, int replySize)
    {
        using var socket = new BatchSocket(local, roomSize: 0);
        var replies = new PinnedBuffer(replySize, BatchSocket.BatchMax);
        ServerConsole.Open(socket.LocalEndpoint.Port);
        while (true)
        {
            socket.ReceiveSleeping();
            for (int i = 0; i < socket.ReceivedCount; i++)
            {
                Span<byte> reply = replies.Block(i);
                ReadOnlySpan<byte> query = socket.Received(i);
                query[..Math.Min(query.Length, replySize)].CopyTo(reply);
                socket.StageReplyPinned(i, reply);
            }

            // What the system refuses is dropped, as a node does.
            socket.Send();
        }
    }
}
