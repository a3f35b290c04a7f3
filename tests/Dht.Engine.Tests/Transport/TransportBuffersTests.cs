using System.Globalization;
using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Transport;

public sealed class TransportBuffersTests
{
    public static TheoryData<TransportKind> Kinds => TransportHarness.Kinds;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ATransport_TellsWhatItWasGranted(TransportKind kind)
    {
        using IDatagramTransport transport = TransportHarness.Bind(kind);
        Assert.Equal(DatagramSocket.BufferSize, transport.Buffers.Asked);
        Assert.True(transport.Buffers.Receive > 0);
        Assert.True(transport.Buffers.Send > 0);
    }

    [Theory]
    [InlineData(64 * 1024)]
    [InlineData(DatagramSocket.BufferSize)]
    [InlineData(1 << 30)]
    public void OnLinux_TheKernelsLimitShows(int asked)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using Socket socket = DatagramSocket.Bind(Endpoint.Parse("127.0.0.1:0"), asked);
        TransportBuffers buffers = DatagramSocket.Buffers(socket, asked);
        int receive = Math.Min(asked, Limit("rmem_max"));
        int send = Math.Min(asked, Limit("wmem_max"));
        Assert.Equal(new TransportBuffers(asked, receive, send), buffers);
        Assert.Equal((receive < asked, send < asked), (buffers.IsReceiveClipped, buffers.IsSendClipped));
    }

    [Fact]
    public void ATransportThatDoesNotKnow_IsNotClipped()
    {
        TransportBuffers unknown = default;
        Assert.False(unknown.IsReceiveClipped);
        Assert.False(unknown.IsSendClipped);
    }

    // A container may not show the limit; then whatever was granted is right.
    private static int Limit(string name)
    {
        string path = "/proc/sys/net/core/" + name;
        using Socket probe = DatagramSocket.Bind(Endpoint.Parse("127.0.0.1:0"), 1 << 30);
        TransportBuffers most = DatagramSocket.Buffers(probe, 1 << 30);
        return File.Exists(path)
            ? int.Parse(File.ReadAllText(path), CultureInfo.InvariantCulture)
            : name == "rmem_max" ? most.Receive : most.Send;
    }
}
