using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Dht.Engine.Addressing;
using Dht.Engine.Tests.Support;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Transport;

/// <summary>The socket that moves many datagrams a call. Where it is not supported there is nothing to test.</summary>
public sealed class BatchSocketTests
{
    private const int RoomSize = 256;

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("127.0.0.1:0", "127.0.0.1")]
    [InlineData("[::1]:0", "::1")]
    [InlineData("[::]:0", "127.0.0.1")]
    public void WhatIsReceived_IsAnsweredInOrder(string local, string asker)
    {
        if (!OperatingSystem.IsLinux() || !BatchSocket.IsSupported)
        {
            return;
        }

        using var socket = new BatchSocket(Endpoint.Parse(local), RoomSize);
        using Socket plain = TransportHarness.Plain(asker);
        Endpoint to = Endpoint.FromAddress(IPAddress.Parse(asker), socket.LocalEndpoint.Port);
        for (byte i = 0; i < 40; i++)
        {
            plain.SendTo([i, 7], to);
        }

        int seen = 0;
        while (seen < 40)
        {
            ReceiveSome(socket);
            for (int i = 0; i < socket.ReceivedCount; i++)
            {
                Assert.Equal([(byte)(seen + i), 7], socket.Received(i).ToArray());
                Assert.Equal(TransportHarness.EndpointOf(plain), socket.Source(i));
                Assert.False(socket.IsTruncated(i));
                socket.Room[0] = (byte)(seen + i);
                socket.StageReply(i, 1);
            }

            Assert.Equal(socket.ReceivedCount, socket.StagedCount);
            seen += socket.ReceivedCount;
            BatchSent sent = socket.Send();
            Assert.Equal(new BatchSent(socket.ReceivedCount, socket.ReceivedCount, 0, 0, 0, 0), sent);
            Assert.Equal(0, socket.StagedCount);
        }

        byte[] answer = new byte[16];
        for (byte i = 0; i < 40; i++)
        {
            Assert.Equal(1, plain.Receive(answer));
            Assert.Equal(i, answer[0]);
        }
    }

    [Fact]
    public void OneBadDestination_HoldsUpNoOther()
    {
        if (!OperatingSystem.IsLinux() || !BatchSocket.IsSupported)
        {
            return;
        }

        using var socket = new BatchSocket(Endpoint.Parse("127.0.0.1:0"), RoomSize);
        using Socket plain = TransportHarness.Plain();
        Assert.False(socket.TryStage(Endpoint.Parse("[2001:db8::1]:1"), 5));
        Assert.Equal(0, socket.StagedCount);
        Assert.True(socket.TryStage(TransportHarness.EndpointOf(plain), 3));

        // From 127.0.0.1 the system sends nothing to an address that is not of this machine.
        Assert.True(socket.TryStage(Endpoint.Parse("192.0.2.1:9"), 4));
        Assert.True(socket.TryStage(TransportHarness.EndpointOf(plain), 5));
        BatchSent sent = socket.Send();
        Assert.Equal((2, 8L, 1), (sent.Sent, sent.Bytes, sent.Refused));
        Assert.NotEqual(0, sent.Error);
        byte[] datagram = new byte[16];
        Assert.Equal(3, plain.Receive(datagram));
        Assert.Equal(5, plain.Receive(datagram));
    }

    [Fact]
    public void ADatagramThatIsTooLong_IsMarked()
    {
        if (!OperatingSystem.IsLinux() || !BatchSocket.IsSupported)
        {
            return;
        }

        using var socket = new BatchSocket(Endpoint.Parse("127.0.0.1:0"), RoomSize);
        using Socket plain = TransportHarness.Plain();
        plain.SendTo(new byte[BatchSocket.DatagramSizeMax + 1], socket.LocalEndpoint);
        ReceiveSome(socket);
        Assert.Equal(1, socket.ReceivedCount);
        Assert.True(socket.IsTruncated(0));
        plain.SendTo(new byte[BatchSocket.DatagramSizeMax], socket.LocalEndpoint);
        ReceiveSome(socket);
        Assert.False(socket.IsTruncated(0));
        Assert.Equal(BatchSocket.DatagramSizeMax, socket.Received(0).Length);
    }

    [Fact]
    public void ASocketOfManyAddresses_AnswersFromTheOneThatWasAsked()
    {
        if (!OperatingSystem.IsLinux() || !BatchSocket.IsSupported)
        {
            return;
        }

        using var socket = new BatchSocket(Endpoint.Parse("0.0.0.0:0"), RoomSize);
        Assert.False(socket.TryGetDestination(0, out _));
        Assert.True(socket.TryUseLocalAddresses());
        using Socket plain = TransportHarness.Plain();
        foreach (string address in (string[])["127.0.0.1", "127.3.2.1"])
        {
            var asked = Endpoint.FromAddress(IPAddress.Parse(address), socket.LocalEndpoint.Port);
            plain.SendTo([1], asked);
            ReceiveSome(socket);
            Assert.True(socket.TryGetDestination(0, out Endpoint destination));
            Assert.Equal(asked, destination);
            socket.StageReply(0, 1);
            socket.Send();
            EndPoint from = new IPEndPoint(IPAddress.Any, 0);
            plain.ReceiveFrom(new byte[16], ref from);
            Assert.Equal(new IPEndPoint(IPAddress.Parse(address), asked.Port), from);
        }

        // What is no answer leaves from where the system likes.
        Assert.True(socket.TryStage(TransportHarness.EndpointOf(plain), 1));
        Assert.Equal(1, socket.Send().Sent);
    }

    [Fact]
    public void Rooms_AreAsManyAsABatchHolds()
    {
        if (!OperatingSystem.IsLinux() || !BatchSocket.IsSupported)
        {
            return;
        }

        using var socket = new BatchSocket(Endpoint.Parse("127.0.0.1:0"), RoomSize);
        Assert.Equal(RoomSize, socket.Room.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => socket.TryStage(socket.LocalEndpoint, RoomSize + 1));
        for (int i = 0; i < BatchSocket.BatchMax; i++)
        {
            Assert.True(socket.TryStage(socket.LocalEndpoint, RoomSize));
        }

        Assert.Throws<InvalidOperationException>(() => socket.Room.Length);
        Assert.Throws<InvalidOperationException>(() => socket.TryStage(socket.LocalEndpoint, 1));
        Assert.Equal(BatchSocket.BatchMax, socket.Send().Sent);
        using var without = new BatchSocket(Endpoint.Parse("127.0.0.1:0"), roomSize: 0);
        Assert.Throws<InvalidOperationException>(() => without.Room.Length);
        Assert.True(without.MemoryBytes < socket.MemoryBytes);
        Assert.Throws<ArgumentOutOfRangeException>(BindWithNegativeRooms);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AWake_EndsTheWaitOrTheNextOne(bool isNap)
    {
        if (!OperatingSystem.IsLinux() || !BatchSocket.IsSupported)
        {
            return;
        }

        using var socket = new BatchSocket(Endpoint.Parse("127.0.0.1:0"), RoomSize);
        socket.Wake();
        socket.Wake();
        await Task.Run(Rest).WaitAsync(Long);
        Task rest = Task.Run(Rest);
        await Task.Delay(20);
        socket.Wake();
        await rest.WaitAsync(Long);
        socket.Dispose();
        socket.Wake();
        socket.Dispose();

        void Rest()
        {
            if (isNap)
            {
                socket.Nap(Timeout.InfiniteTimeSpan);
            }
            else
            {
                socket.Wait(Timeout.InfiniteTimeSpan);
            }
        }
    }

    [Fact]
    public void ANap_DoesNotLookAtTheSocket()
    {
        if (!OperatingSystem.IsLinux() || !BatchSocket.IsSupported)
        {
            return;
        }

        using var socket = new BatchSocket(Endpoint.Parse("127.0.0.1:0"), RoomSize);
        socket.TryStage(socket.LocalEndpoint, 1);
        socket.Send();
        var watch = Stopwatch.StartNew();
        socket.Wait(Long);
        Assert.True(watch.Elapsed < Long);
        watch.Restart();
        socket.Nap(TimeSpan.FromMilliseconds(50));
        Assert.True(watch.Elapsed > TimeSpan.FromMilliseconds(40));
    }

    [Fact]
    public void Exchanges_AllocateNothing()
    {
        if (!OperatingSystem.IsLinux() || !BatchSocket.IsSupported)
        {
            return;
        }

        using var socket = new BatchSocket(Endpoint.Parse("127.0.0.1:0"), RoomSize);
        Assert.True(socket.TryUseLocalAddresses());
        socket.TryStage(socket.LocalEndpoint, 16);
        socket.Send();
        Assert.Equal(0, AllocationGuard.OnThread(socket, static socket =>
        {
            for (int exchange = 0; exchange < 100; exchange++)
            {
                socket.Wait(Long);
                socket.TryReceive();
                for (int i = 0; i < socket.ReceivedCount; i++)
                {
                    _ = socket.TryGetDestination(i, out _);
                    socket.StageReply(i, socket.Received(i).Length);
                }

                socket.Send();
            }
        }));
    }

    [SupportedOSPlatform("linux")]
    private static void BindWithNegativeRooms() => new BatchSocket(Endpoint.Parse("127.0.0.1:0"), -1).Dispose();

    [SupportedOSPlatform("linux")]
    private static void ReceiveSome(BatchSocket socket)
    {
        var watch = Stopwatch.StartNew();
        do
        {
            Assert.True(watch.Elapsed < TransportHarness.Patience);
            socket.Wait(TimeSpan.FromMilliseconds(50));
            Assert.True(socket.TryReceive());
        }
        while (socket.ReceivedCount == 0);
    }
}
