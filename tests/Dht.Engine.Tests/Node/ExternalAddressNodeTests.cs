using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Tests.Krpc;
using Dht.Engine.Tests.Support;

namespace Dht.Engine.Tests.Node;

/// <summary>How a node learns its external address, and what becomes of its ids by that (BEP 42).</summary>
public sealed class ExternalAddressNodeTests
{
    private const int Quorum = 21;

    private static readonly Endpoint Home = Endpoint.Parse("5.6.7.8:6881");
    private static readonly Endpoint Elsewhere = Endpoint.Parse("9.10.11.12:6881");
    private static readonly Endpoint Home6 = Endpoint.Parse("[2a02:1234:5678::1]:6881");

    [Theory]
    [InlineData(IpFamily.IPv4)]
    [InlineData(IpFamily.IPv6)]
    public void TwentyOneNetworks_SwitchTheIdOfTheirFamilyOnce(IpFamily family)
    {
        bool isIPv6 = family == IpFamily.IPv6;
        World world = Create(WorldOptions.Crowd with { Seed = 70, IPv4Count = 60, IPv6Count = 60 });
        var observer = Watch(world);
        Endpoint home = isIPv6 ? Home6 : Home;
        IpFamily other = isIPv6 ? IpFamily.IPv4 : IpFamily.IPv6;
        NodeId before = world.Node.IdOf(family);
        int first = isIPv6 ? 60 : 0;
        for (int i = 0; i < Quorum; i++)
        {
            Assert.False(world.Node.TryGetExternalAddress(family, out _));
            Ping(world, first + i);
            Ping(world, first);
        }

        Assert.True(world.Node.TryGetExternalAddress(family, out Endpoint found));
        Assert.False(world.Node.TryGetExternalAddress(other, out _));
        Assert.True(found.HasSameAddress(home));
        NodeId after = world.Node.IdOf(family);
        Assert.NotEqual(before, after);
        Assert.True(SecureNodeId.IsValid(after, home));
        Assert.Equal(after, world.Node.Table(family).Self);
        Assert.Equal(before, world.Node.IdOf(other));
        Assert.Equal(1, world.Node.Counters.IdChanges);
        Ping(world, first + Quorum);
        Assert.Equal([(default, home)], observer.Changes);
        Assert.Equal(
            (isIPv6 ? before : after, isIPv6 ? after : before),
            (IdInReply(world, "7.7.7.7:7"), IdInReply(world, "[2a00:ffff::1]:7")));
    }

    [Fact]
    public void AChangeOfId_KeepsTheContacts()
    {
        World world = Create(WorldOptions.Crowd with { Seed = 71 });
        for (int i = 0; i < Quorum - 1; i++)
        {
            Ping(world, i);
        }

        int contacts = world.Node.ContactCount;
        Assert.True(contacts >= 12, $"{contacts} contacts");
        Assert.Equal(1, world.Node.Counters.IdChanges);
        world.Node.SetExternalAddress(Elsewhere);
        Assert.Equal(2, world.Node.Counters.IdChanges);
        Assert.InRange(world.Node.ContactCount, contacts * 3 / 4, Quorum - 1);
    }

    [Fact]
    public void OneNetworkWithManyAddresses_IsOneVoice()
    {
        World world = Create(WorldOptions.Crowd with { Seed = 72, PerAddress = 60 });
        for (int i = 0; i < 60; i++)
        {
            Ping(world, i);
        }

        Assert.True(world.Node.Counters.Responses > 40);
        Assert.False(world.Node.TryGetExternalAddress(IpFamily.IPv4, out _));
    }

    [Fact]
    public void WhatNobodyAskedFor_IsNoVote()
    {
        World world = Create(WorldOptions.Crowd with { Seed = 73 });
        byte[] bytes = new byte[200];
        for (int i = 0; i < 60; i++)
        {
            // With an invented transaction; with a real one, from the wrong port; as an error.
            Neighbour neighbour = world.Neighbours[i];
            neighbour.IsDead = true;
            var envelope = new KrpcEnvelope { Id = neighbour.Id, TransactionId = "abcd"u8, Requester = Home };
            world.Receive(neighbour.Endpoint, bytes.AsSpan(0, KrpcReplies.WritePong(bytes, envelope)));
            world.Sent.Clear();
            world.Node.Ping(neighbour.Endpoint, world.Now);
            world.Run(TimeSpan.Zero);
            KrpcMessage.Parse(world.Sent[0].Datagram, out KrpcMessage query);
            envelope = new KrpcEnvelope { Id = neighbour.Id, TransactionId = query.TransactionId, Requester = Home };
            world.Receive(neighbour.Endpoint.WithPort(9), bytes.AsSpan(0, KrpcReplies.WritePong(bytes, envelope)));
            world.Receive(neighbour.Endpoint, bytes.AsSpan(0, KrpcReplies.WriteError(bytes, envelope, 202, "no"u8)));
        }

        Assert.Equal(
            (60, 60, 60),
            (world.Node.Counters.Unexpected, world.Node.Counters.WrongSource, world.Node.Counters.Errors));
        Assert.False(world.Node.TryGetExternalAddress(IpFamily.IPv4, out _));
    }

    [Fact]
    public void ASecondChange_HasItsIdFiveMinutesLater()
    {
        World world = Create(WorldOptions.Crowd with { Seed = 74, KeepsUpkeep = true, Known = 60 });
        var observer = Watch(world);
        world.Run(TimeSpan.FromMinutes(1));
        Assert.True(SecureNodeId.IsValid(world.Node.Id, Home));
        NodeId first = world.Node.Id;
        world.Answers.SeenAtIPv4 = Elsewhere;
        for (int i = 0; i < 2 * Quorum; i++)
        {
            Ping(world, i);
        }

        Assert.True(
            world.Node.TryGetExternalAddress(IpFamily.IPv4, out Endpoint found) && found.HasSameAddress(Elsewhere));
        Assert.Equal([(default, Home), (Home, Elsewhere)], observer.Changes);
        Assert.Equal((first, 1), (world.Node.Id, (int)world.Node.Counters.IdChanges));
        world.Run(TimeSpan.FromMinutes(6));
        Assert.Equal(2, world.Node.Counters.IdChanges);
        Assert.True(SecureNodeId.IsValid(world.Node.Id, Elsewhere));
        Assert.Equal(2, observer.Changes.Count);
    }

    [Fact]
    public void ByHand_ItTakesEffectAtOnce()
    {
        World world = Create(WorldOptions.Crowd with { Seed = 75 });
        var observer = Watch(world);
        world.Node.SetExternalAddress(Home);
        Assert.True(SecureNodeId.IsValid(world.Node.Id, Home));
        NodeId id = world.Node.Id;
        world.Node.SetExternalAddress(Home.WithPort(1));
        Assert.Equal(id, world.Node.Id);
        world.Node.SetExternalAddress(Elsewhere);
        Assert.True(SecureNodeId.IsValid(world.Node.Id, Elsewhere));
        world.Node.SetExternalAddress(Home6);
        Assert.True(SecureNodeId.IsValid(world.Node.IdOf(IpFamily.IPv6), Home6));
        Assert.Equal([(default, Home), (Home.WithPort(1), Elsewhere), (default, Home6)], observer.Changes);
        Assert.Throws<ArgumentException>(() => world.Node.SetExternalAddress(default));
        Assert.Throws<ArgumentException>(() => world.Node.SetExternalAddress(Endpoint.Parse("0.0.0.0:1")));
    }

    [Fact]
    public void AnIdThatFitsAlready_IsKept()
    {
        NodeId fit = SecureNodeId.Derive(Home, new SeededRandomSource(1));
        World world = Create(WorldOptions.Crowd with { Seed = 76, Node = new NodeOptions { Id = fit } });
        world.Node.SetExternalAddress(Home);
        Assert.Equal((fit, 0), (world.Node.Id, (int)world.Node.Counters.IdChanges));
    }

    [Fact]
    public void WithoutDeriving_TheIdStays()
    {
        World world = Create(WorldOptions.Crowd with { Seed = 77, Node = new NodeOptions { DeriveId = false } });
        var observer = Watch(world);
        NodeId id = world.Node.Id;
        for (int i = 0; i < 2 * Quorum; i++)
        {
            Ping(world, i);
        }

        Assert.Equal([(default, Home)], observer.Changes);
        Assert.Equal((id, 0), (world.Node.Id, (int)world.Node.Counters.IdChanges));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void UnderEnforcement_OnlyIdsThatFitEnterTables(bool areFit)
    {
        World world = Create(WorldOptions.Crowd with
        {
            Seed = 78,
            IPv6Count = 200,
            Known = 0,
            HasSecureIds = areFit,
            KeepsUpkeep = true,
            Node = new NodeOptions { EnforceSecureIds = true },
        });
        world.Node.AddRouter(world.Neighbours[0].Endpoint);
        world.Node.AddRouter(world.Neighbours[200].Endpoint);
        world.Run(TimeSpan.FromSeconds(30));
        Assert.Equal(areFit, world.Node.Table(IpFamily.IPv4).Count > 20);
        Assert.Equal(areFit, world.Node.Table(IpFamily.IPv6).Count > 20);
        Assert.True(areFit || world.Node.ContactCount == 0);
    }

    private static World Create(WorldOptions options) =>
        new(options with { Known = options.KeepsUpkeep ? options.Known : 0, Records = true })
        {
            Answers = { SeenAtIPv4 = Home, SeenAtIPv6 = Home6 },
        };

    private static void Ping(World world, int responder)
    {
        world.Node.Ping(world.Neighbours[responder].Endpoint, world.Now);
        world.Run(TimeSpan.FromMilliseconds(300));
    }

    private static NodeId IdInReply(World world, string asker)
    {
        Endpoint source = Endpoint.Parse(asker);
        world.Sent.Clear();
        world.Receive(source, KrpcSamples.Get("ping"));
        Assert.Equal(KrpcFault.None, KrpcMessage.Parse(world.Sent[0].Datagram, out KrpcMessage reply));
        Assert.Equal(KrpcKind.Response, reply.Kind);
        return reply.SenderId;
    }

    private static Watcher Watch(World world)
    {
        var watcher = new Watcher();
        world.Node.Extensions.Observers.Add(watcher);
        return watcher;
    }

    private sealed class Watcher : INodeObserver
    {
        public List<(Endpoint Previous, Endpoint Current)> Changes { get; } = [];

        public void OnExternalAddressChanged(in Endpoint previous, in Endpoint current) =>
            Changes.Add((previous, current));
    }
}
