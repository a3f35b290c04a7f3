using System.Net;
using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Tests.Support;
using static Dht.Engine.Tests.Krpc.Wire;

namespace Dht.Engine.Tests.Engine;

/// <summary>
/// ping: the plainest query there is comes back with the transaction id "aa", our id of 20 bytes, and under <c>ip</c>
/// the address and port that it came from.
/// </summary>
public sealed class PingTests
{
    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("[::1]:0")]
    public async Task APing_IsAnsweredByteForByte(string bind)
    {
        await using DhtEngine engine = Loopback.Start(Loopback.Options() with { Bind = Endpoint.Parse(bind) });
        using Socket socket = Loopback.Connect(engine);
        var local = (IPEndPoint)socket.LocalEndPoint!;
        string source = WireText.Of(Endpoint.FromAddress(local.Address, (ushort)local.Port));
        Assert.Equal(engine.LocalEndpoint.IsIPv4 ? 6 : 18, source.Length);
        string reply = Text(Loopback.Ask(socket, Bytes($"d1:ad2:id20:{IdA}e1:q4:ping1:t2:aa1:y1:qe")));
        Assert.Equal($"d2:ip{Str(source)}1:rd2:id20:{WireText.Of(engine.Id)}e1:t2:aa1:v4:DE\0\u00011:y1:re", reply);
    }
}
