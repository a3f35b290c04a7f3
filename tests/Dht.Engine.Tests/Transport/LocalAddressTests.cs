using System.Net;
using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Rpc;
using Dht.Engine.Tests.Rpc;
using Dht.Engine.Timing;
using Dht.Engine.Transport;
using static Dht.Engine.Tests.Transport.TransportHarness;

namespace Dht.Engine.Tests.Transport;

/// <summary>
/// A host may have many addresses: an answer counts only if it comes from the one that was asked. All of 127.0.0.0/8 is
/// ours on Linux.
/// </summary>
[Collection(QuietTransport.Name)]
public sealed class LocalAddressTests
{
    private static readonly string[] Ours = ["127.0.0.1", "127.0.0.7", "::1"];

    public static TheoryData<TransportKind, string, string> Places
    {
        get
        {
            var places = new TheoryData<TransportKind, string, string>();
            foreach (TransportKind kind in Kinds)
            {
                places.Add(kind, "0.0.0.0:0", "127.0.0.1");
                places.Add(kind, "0.0.0.0:0", "127.0.0.7");
                places.Add(kind, "[::]:0", "127.0.0.1");
                places.Add(kind, "[::]:0", "127.0.0.7");
                places.Add(kind, "[::]:0", "::1");
            }

            return places;
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void AnAnswer_LeavesFromTheAddressThatWasAsked(TransportKind kind, string bind, string asked)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // To the ring, loopback addresses are as good as any: here the machine has a few of them.
        Endpoint[] addresses = [.. Ours.Select(static address => Endpoint.FromAddress(IPAddress.Parse(address), 0))];
        using IDatagramTransport transport = kind == TransportKind.Batch
            ? Bind(kind, bind)
            : new SocketRingTransport(Endpoint.Parse(bind), new LocalAddresses(() => addresses));
        using Socket plain = Plain(asked == "::1" ? "::1" : "127.0.0.9");
        Endpoint place = Endpoint.FromAddress(IPAddress.Parse(asked), transport.LocalEndpoint.Port);
        var collector = new Collector();
        plain.SendTo([1], place);
        Drive(transport, collector, () => collector.Received.Count == 1);
        Assert.Equal(place, collector.Locals[0]);

        Outbox outbox = Outbox();
        StageResult stage = outbox.TryReserve(collector.Received[0].Source, collector.Locals[0], out Span<byte> room);
        Assert.Equal(StageResult.Ready, stage);
        room[0] = 2;
        outbox.Commit(1);
        transport.Send(outbox);
        EndPoint from = plain.LocalEndPoint!;
        Assert.Equal(1, plain.ReceiveFrom(new byte[10], ref from));
        var source = (IPEndPoint)from;
        Assert.Equal(place, Endpoint.FromAddress(source.Address, (ushort)source.Port));
        Assert.Equal(0, transport.Counters.SendErrors);
    }

    /// <summary>IPv6 privacy addresses change daily: a socket that stayed with the first ones would be deaf.</summary>
    [Fact]
    public void ARing_FollowsTheAddressesOfTheMachine_AndSharesItsPortWithNobody()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        List<Endpoint> ours = [Endpoint.Parse("127.0.0.3:0"), Endpoint.Parse("127.0.0.4:0")];
        var addresses = new LocalAddresses(() => [.. ours]);
        using var transport = new SocketRingTransport(Endpoint.Parse("0.0.0.0:0"), addresses);
        ushort port = transport.LocalEndpoint.Port;
        using Socket plain = Plain("127.0.0.9");
        string[] asked = ["127.0.0.3", "127.0.0.4", "127.0.0.5"];
        Assert.Equal(["127.0.0.3", "127.0.0.4", "none"], Ask());

        ours[0] = Endpoint.Parse("127.0.0.5:0");
        addresses.NoteChange();
        transport.Receive(new Collector());
        Assert.Equal(["none", "127.0.0.4", "127.0.0.5"], Ask());

        ours.Clear();
        addresses.NoteChange();
        transport.Receive(new Collector());
        Assert.Equal(["none", "none", "none"], Ask());
        Assert.Throws<SocketException>(() => new SocketRingTransport(Endpoint.Parse($"0.0.0.0:{port}")));
        Assert.Throws<SocketException>(() => new SocketRingTransport(Endpoint.Parse($"127.0.0.4:{port}")));

        IEnumerable<string> Ask()
        {
            var collector = new Collector();
            foreach (string address in asked)
            {
                plain.SendTo([1], Endpoint.FromAddress(IPAddress.Parse(address), port));
                int count = collector.Received.Count;
                Drive(transport, collector, () => collector.Received.Count > count);
            }

            return collector.Locals.Select(
                static local => local.Family == IpFamily.None ? "none" : local.ToAddress().ToString());
        }
    }

    [Fact]
    public void OnlyAFamilyWithSeveralAddresses_NeedsASocketForEach()
    {
        List<Endpoint> all =
            [Endpoint.Parse("8.8.8.8:0"), Endpoint.Parse("[2a01::1]:0"), Endpoint.Parse("[2a01::2]:0")];
        Assert.Equal(all[1..], LocalAddresses.Several(all));
        Assert.Empty(LocalAddresses.Several(all[..2]));
        Assert.Equal(
            LocalAddresses.Max,
            LocalAddresses.Several([.. Enumerable.Range(0, 99).Select(i => Endpoint.FromIPv4((uint)i, 0))]).Count);
    }

    [Theory]
    [MemberData(nameof(TransportHarness.Kinds), MemberType = typeof(TransportHarness))]
    public void WhatTheSystemRefuses_IsNoted_EachByItself(TransportKind kind)
    {
        using IDatagramTransport transport = Bind(kind, "0.0.0.0:0");
        using Socket plain = Plain();
        var outbox = new Outbox(256, 256 * Dht.Engine.Rpc.Outbox.DatagramSizeMax, new Anywhere());
        var owner = new RefusalRecorder();
        for (int i = 0; i < 150; i++)
        {
            // No socket may send to the broadcast address unless it asks for that.
            Endpoint to = i % 3 == 1 ? Endpoint.Parse("255.255.255.255:9") : EndpointOf(plain);
            Assert.Equal(StageResult.Ready, outbox.TryReserve(to, out Span<byte> room));
            room[0] = (byte)i;
            outbox.Commit(1, owner, i);
        }

        transport.Send(outbox);
        Assert.Equal(0, outbox.Count);
        Assert.Empty(owner.Tickets);
        outbox.ReportRefused(Instant.Zero);
        Assert.Equal(Enumerable.Range(0, 50).Select(static i => (long)((3 * i) + 1)), owner.Tickets);
        Assert.Equal((100, 50), (transport.Counters.Sent, transport.Counters.SendErrors));
        Assert.Equal(SocketError.AccessDenied, transport.Counters.LastSendError);
    }

    private sealed class Anywhere : IAddressPolicy
    {
        public AddressVerdict Check(in Endpoint endpoint) => AddressVerdict.Allowed;
    }
}
