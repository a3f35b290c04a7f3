using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Rpc;
using Dht.Engine.Transport;
using static Dht.Engine.Tests.Transport.TransportHarness;

namespace Dht.Engine.Tests.Transport;

[Collection(QuietTransport.Name)]
public sealed class TransportTests
{
    public static TheoryData<TransportKind> Kinds => TransportHarness.Kinds;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void PortZero_IsBoundToARealPort(TransportKind kind)
    {
        using IDatagramTransport transport = Bind(kind);
        Assert.NotEqual(0, transport.LocalEndpoint.Port);
        Assert.Equal(Endpoint.Parse("127.0.0.1:1"), transport.LocalEndpoint.WithPort(1));
        Assert.Equal(0, transport.Receive(new Collector()));
        Assert.Equal(default, transport.Counters);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void IPv4_GoesBothWays(TransportKind kind) => Echo(kind, "127.0.0.1:0", "127.0.0.1");

    [Theory]
    [MemberData(nameof(Kinds))]
    public void IPv6_GoesBothWays(TransportKind kind) => Echo(kind, "[::1]:0", "::1");

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ADualStackSocket_SpeaksBothFamilies(TransportKind kind)
    {
        Echo(kind, "[::]:0", "127.0.0.1");
        Echo(kind, "[::]:0", "::1");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ADatagramLongerThanABuffer_IsDroppedAndCounted(TransportKind kind)
    {
        using IDatagramTransport transport = Bind(kind);
        using Socket plain = Plain();
        var collector = new Collector();
        plain.SendTo(new byte[16_385], transport.LocalEndpoint);
        plain.SendTo(new byte[16_384], transport.LocalEndpoint);
        plain.SendTo(new byte[60_000], transport.LocalEndpoint);
        plain.SendTo([7], transport.LocalEndpoint);
        Drive(transport, collector, () => collector.Received.Count + transport.Counters.Truncated >= 4);
        Assert.Equal([16_384, 1], collector.Received.Select(entry => entry.Datagram.Length));
        Assert.Equal(2, transport.Counters.Truncated);
        Assert.Equal(2, transport.Counters.Received);
        Assert.Equal(16_385, transport.Counters.BytesReceived);
        Assert.Equal(0, transport.Counters.ReceiveErrors);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void WhatTheFullBufferThrowsAway_IsCounted(TransportKind kind)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        IDatagramTransport transport = Bind(kind);
        using Socket plain = Plain();
        var collector = new Collector();
        const int Sent = 20_000;
        for (int i = 0; i < Sent; i++)
        {
            plain.SendTo(new byte[1000], transport.LocalEndpoint);
        }

        Assert.InRange(transport.Counters.KernelDropped, 1, Sent);
        Drive(transport, collector, () => transport.Counters.Received + transport.Counters.KernelDropped == Sent);
        TransportCounters counters = transport.Counters;
        transport.Dispose();
        Assert.Equal(counters, transport.Counters);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AReceiverThatThrows_LosesItsDatagramAlone(TransportKind kind)
    {
        using IDatagramTransport transport = Bind(kind);
        using Socket plain = Plain();
        for (byte i = 0; i < 30; i++)
        {
            plain.SendTo([i], transport.LocalEndpoint);
        }

        var throwing = new ThrowingReceiver(at: 5);
        var watch = Stopwatch.StartNew();
        int thrown = 0;
        while (throwing.Received.Count < 30 && watch.Elapsed < Patience)
        {
            try
            {
                if (transport.Receive(throwing) == 0)
                {
                    transport.Wait(TimeSpan.FromMilliseconds(50));
                }
            }
            catch (InvalidOperationException)
            {
                thrown++;
            }
        }

        Assert.Equal(1, thrown);
        Assert.Equal(Enumerable.Range(0, 30), throwing.Received.Select(static b => (int)b));
        Assert.Equal(30, transport.Counters.Received);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void WakesAmongDatagrams_AreNeverLost(TransportKind kind)
    {
        using IDatagramTransport transport = Bind(kind);
        using Socket plain = Plain();
        var collector = new Collector();
        var watch = Stopwatch.StartNew();
        for (int round = 0; round < 300; round++)
        {
            // Now and then into a nap, now and then into a sleep, now and then beforehand.
            bool arrives = round % 3 != 0;
            if (arrives)
            {
                plain.SendTo([1], transport.LocalEndpoint);
            }

            int wakes = 0;
            var waker = new Thread(() =>
            {
                Thread.SpinWait(round * 20);
                Volatile.Write(ref wakes, 1);
                transport.Wake();
            });
            waker.Start();
            while (Volatile.Read(ref wakes) == 0)
            {
                transport.Receive(collector);
                if (Volatile.Read(ref wakes) == 0)
                {
                    transport.Wait(TimeSpan.FromMinutes(5));
                }
            }

            waker.Join();
        }

        Assert.True(watch.Elapsed < TimeSpan.FromMinutes(4), $"A wake was lost: {watch.Elapsed}.");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AnEmptyDatagram_IsDelivered(TransportKind kind)
    {
        using IDatagramTransport transport = Bind(kind);
        using Socket plain = Plain();
        var collector = new Collector();
        plain.SendTo([], transport.LocalEndpoint);
        Drive(transport, collector, () => collector.Received.Count > 0);
        Assert.Empty(collector.Received[0].Datagram);
        Assert.Equal(EndpointOf(plain), collector.Received[0].Source);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Wake_EndsAWaitFromAnotherThread(TransportKind kind)
    {
        using IDatagramTransport transport = Bind(kind);
        transport.Receive(new Collector());
        for (int round = 0; round < 50; round++)
        {
            var watch = Stopwatch.StartNew();
            var waker = new Thread(transport.Wake);
            waker.Start();
            transport.Wait(TimeSpan.FromMinutes(5));
            waker.Join();
            Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2));
            transport.Receive(new Collector());
            transport.Wait(TimeSpan.FromTicks(1));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AWakeBeforehand_EndsTheNextWaitOfAnyLength(TransportKind kind)
    {
        using IDatagramTransport transport = Bind(kind);
        transport.Receive(new Collector());
        transport.Wake();
        transport.Wake();
        transport.Wait(TimeSpan.MaxValue);
        transport.Wait(TimeSpan.Zero);
        transport.Wait(TimeSpan.FromTicks(-1));
        transport.Wake();
        transport.Wait(TimeSpan.FromDays(1000));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void ADatagram_EndsAWait(TransportKind kind)
    {
        using IDatagramTransport transport = Bind(kind);
        using Socket plain = Plain();
        var collector = new Collector();
        transport.Receive(collector);
        Endpoint to = transport.LocalEndpoint;
        var sender = new Thread(() => plain.SendTo([1, 2, 3], to));
        sender.Start();
        transport.Wait(TimeSpan.FromMinutes(5));
        sender.Join();
        Drive(transport, collector, () => collector.Received.Count == 1);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AnUnreachableFamily_IsCountedAndTheRestIsSent(TransportKind kind)
    {
        using IDatagramTransport transport = Bind(kind);
        using Socket plain = Plain();
        Outbox outbox = Outbox();
        Stage(outbox, EndpointOf(plain), [1]);
        Stage(outbox, Endpoint.Parse("[::1]:9"), [2]);
        Stage(outbox, EndpointOf(plain), [3]);
        transport.Send(outbox);
        Assert.Equal(0, outbox.Count);
        Assert.Equal([1, 3], ReceiveBytes(plain, 2));
        Assert.Equal(1, transport.Counters.SendErrors);
        Assert.Equal(2, transport.Counters.Sent);
        Assert.Equal(2, transport.Counters.BytesSent);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void OnASocketOfIPv6Alone_IPv4IsCountedAndTheRestIsSent(TransportKind kind)
    {
        using IDatagramTransport transport = Bind(kind, "[::1]:0");
        using Socket plain = Plain("::1");
        Outbox outbox = Outbox();
        Stage(outbox, Endpoint.Parse("127.0.0.1:9"), [1]);
        Stage(outbox, EndpointOf(plain), [2]);
        transport.Send(outbox);
        Assert.Equal([2], ReceiveBytes(plain, 1));
        Assert.Equal(1, transport.Counters.SendErrors);
        Assert.Equal(1, transport.Counters.Sent);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void APortThatIsTaken_ThrowsAndARetryWorks(TransportKind kind)
    {
        using IDatagramTransport first = Bind(kind);
        Assert.Throws<SocketException>(() => DatagramTransport.Bind(first.LocalEndpoint, kind));
        using IDatagramTransport second = Bind(kind);
        Assert.NotEqual(first.LocalEndpoint, second.LocalEndpoint);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Dispose_FreesThePortAndMayComeTwice(TransportKind kind)
    {
        IDatagramTransport first = Bind(kind);
        first.Receive(new Collector());
        Endpoint local = first.LocalEndpoint;
        first.Dispose();
        first.Dispose();
        first.Wake();
        using IDatagramTransport second = DatagramTransport.Bind(local, kind);
        Assert.Equal(local, second.LocalEndpoint);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AThousandStagedDatagrams_AllArriveInOrder(TransportKind kind)
    {
        // To eight sockets in turn: what each is sent fits its buffer, so nothing is lost however late it is read.
        using IDatagramTransport transport = Bind(kind);
        Socket[] plain = [.. Enumerable.Range(0, 8).Select(static _ => Plain())];
        var outbox = new Outbox(1000, 16 * 1400 * 1000 / 8, AddressPolicy.AllowLocal);
        byte[] datagram = new byte[4];
        for (int i = 0; i < 1000; i++)
        {
            BitConverter.TryWriteBytes(datagram, i);
            Stage(outbox, EndpointOf(plain[i % 8]), datagram);
        }

        transport.Send(outbox);
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal(4, plain[i % 8].Receive(datagram));
            Assert.Equal(i, BitConverter.ToInt32(datagram));
        }

        Array.ForEach(plain, static socket => socket.Dispose());
        Assert.Equal(1000, transport.Counters.Sent);
        Assert.Equal(0, transport.Counters.SendErrors);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AThousandArrivals_AreAllHandedOverInOrder(TransportKind kind)
    {
        using IDatagramTransport transport = Bind(kind);
        using Socket plain = Plain();
        var collector = new Collector();
        for (int i = 0; i < 1000; i++)
        {
            plain.SendTo(BitConverter.GetBytes(i), transport.LocalEndpoint);

            // More than a transport takes at once, and no more than the least buffer that a system gives holds.
            if (i % 250 == 249)
            {
                Drive(transport, collector, () => collector.Received.Count > i);
            }
        }

        Assert.Equal(
            Enumerable.Range(0, 1000), collector.Received.Select(entry => BitConverter.ToInt32(entry.Datagram)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void AReceiverThatThrows_CostsAtMostItsDatagramAndTheBatch(TransportKind kind)
    {
        using IDatagramTransport transport = Bind(kind);
        using Socket plain = Plain();
        var collector = new Collector();
        collector.OnEach = datagram =>
        {
            if (datagram[0] == 0)
            {
                throw new InvalidOperationException("The receiver's fault.");
            }
        };
        plain.SendTo([0], transport.LocalEndpoint);
        Assert.Throws<InvalidOperationException>(() => Drive(transport, collector, () => false));
        for (int i = 1; i <= 200; i++)
        {
            plain.SendTo([(byte)i], transport.LocalEndpoint);
        }

        Drive(transport, collector, () => collector.Received.Count >= 201);
        Assert.Equal(Enumerable.Range(0, 201), collector.Received.Select(entry => (int)entry.Datagram[0]));
    }

    private static void Echo(TransportKind kind, string local, string peer)
    {
        using IDatagramTransport transport = Bind(kind, local);
        using Socket plain = Plain(peer);
        var collector = new Collector();
        Outbox outbox = Outbox();
        plain.SendTo([1, 2, 3], Endpoint.FromAddress(IPAddress.Parse(peer), transport.LocalEndpoint.Port));
        Drive(transport, collector, () => collector.Received.Count > 0);
        Assert.Equal([1, 2, 3], collector.Received[0].Datagram);
        Assert.Equal(EndpointOf(plain), collector.Received[0].Source);
        Stage(outbox, collector.Received[0].Source, [4, 5, 6]);
        transport.Send(outbox);
        Assert.Equal([4, 5, 6], ReceiveBytes(plain, 1));
        Assert.Equal(
            new TransportCounters { Received = 1, BytesReceived = 3, Sent = 1, BytesSent = 3 }, transport.Counters);
    }

    private static byte[] ReceiveBytes(Socket socket, int datagrams)
    {
        var all = new List<byte>();
        byte[] buffer = new byte[2048];
        for (int i = 0; i < datagrams; i++)
        {
            all.AddRange(buffer.AsSpan(0, socket.Receive(buffer)));
        }

        return [.. all];
    }
}
