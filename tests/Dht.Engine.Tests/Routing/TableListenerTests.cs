using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Tests.Models;
using Dht.Engine.Timing;
using static Dht.Engine.Tests.Routing.TableFill;

namespace Dht.Engine.Tests.Routing;

public sealed class TableListenerTests : IContactListener
{
    private readonly SeededRandomSource _random = new(71);
    private readonly List<string> _told = [];
    private readonly NodeId _self;
    private Action<CompactNode>? _onLost;

    public TableListenerTests() => _self = NodeId.Random(_random);

    void IContactListener.OnContactFound(in CompactNode contact) => _told.Add(Found(contact));

    void IContactListener.OnContactLost(in CompactNode contact)
    {
        _told.Add(Lost(contact));
        _onLost?.Invoke(contact);
    }

    [Theory]
    [InlineData(RoutingTableKind.Kademlia)]
    [InlineData(RoutingTableKind.Mainline)]
    public void EntryRefreshAndDeath_AreToldOnceEach(RoutingTableKind kind)
    {
        BucketTable table = Listened(kind);
        CompactNode node = Node(0, 1);
        Insert(table, node);
        Insert(table, node);
        Fail(table, node, 5);
        Assert.Equal([Found(node), Lost(node)], _told);
    }

    [Theory]
    [InlineData(RoutingTableKind.Kademlia)]
    [InlineData(RoutingTableKind.Mainline)]
    public void ADeadContact_IsReplacedFromTheCache(RoutingTableKind kind)
    {
        BucketTable table = Listened(kind);
        CompactNode[] nodes = [.. Enumerable.Range(0, 9).Select(i => Node(5, (uint)i))];
        Array.ForEach(nodes, node => Insert(table, node));
        Assert.Equal(8, table.Count);
        _told.Clear();
        Fail(table, nodes[3], 2);
        Assert.Equal([Lost(nodes[3]), Found(nodes[8])], _told);
        Assert.Equal(8, table.Count);
    }

    [Theory]
    [InlineData(RoutingTableKind.Kademlia)]
    [InlineData(RoutingTableKind.Mainline)]
    public void AnIdThatMoves_IsLostAndFound(RoutingTableKind kind)
    {
        BucketTable table = Listened(kind);
        CompactNode node = Node(0, 1);
        CompactNode moved = node with { Endpoint = Address(2) };
        Insert(table, node);
        Insert(table, moved);
        Fail(table, node, 1);
        Insert(table, moved);
        Assert.Equal([Found(node), Lost(node), Found(moved)], _told);
    }

    [Fact]
    public void AContactThatGivesWay_IsToldBeforeTheNewcomer()
    {
        BucketTable table = Listened(RoutingTableKind.Kademlia);
        CompactNode[] nodes = [.. Enumerable.Range(0, 9).Select(i => Node(5, (uint)i))];
        Array.ForEach(nodes[..8], node => Insert(table, node));
        Fail(table, nodes[2], 1);
        _told.Clear();
        Insert(table, nodes[8]);
        Assert.Equal([Lost(nodes[2]), Found(nodes[8])], _told);
    }

    [Theory]
    [InlineData(RoutingTableKind.Kademlia, IpFamily.IPv4)]
    [InlineData(RoutingTableKind.Kademlia, IpFamily.IPv6)]
    [InlineData(RoutingTableKind.Mainline, IpFamily.IPv4)]
    [InlineData(RoutingTableKind.Mainline, IpFamily.IPv6)]
    public void Rebase_KeepsAllForWhomThereIsAPlace_AndTellsOnlyOfTheOthers(RoutingTableKind kind, IpFamily family)
    {
        BucketTable table = Make(kind, _self, family);
        Random(table, 3_000, _random, Instant.Zero);
        List<Contact> before = Walk(table, Instant.Zero);
        table.Listener = this;
        var self = NodeId.Random(_random);
        table.Rebase(self, Instant.Zero);
        List<Contact> after = Walk(table, Instant.Zero);
        Assert.Equal(self, table.Self);
        Assert.Equal(after.Count, table.Count);
        string[] lost = [.. before.Except(after).Select(c => Lost(new CompactNode(c.Id, c.Endpoint)))];
        string[] found = [.. after.Except(before).Select(c => Found(new CompactNode(c.Id, c.Endpoint)))];
        Assert.Equal(lost.Concat(found).Order(), _told.Order());
        Assert.NotEmpty(before.Intersect(after));
        Assert.All(
            before.Except(after),
            c => Assert.False(
                table.Wants(c.Id, c.Endpoint) && after.Count(a => table.BucketOf(a.Id) == table.BucketOf(c.Id)) < 8));
        _told.Clear();
        table.Rebase(self, Instant.Zero);
        Assert.Empty(_told);
        CompactNode ours = new(after[0].Id, after[0].Endpoint);
        table.Rebase(ours.Id, Instant.Zero);
        Assert.Contains(Lost(ours), _told);
        Assert.DoesNotContain(Walk(table, Instant.Zero), c => c.Id == ours.Id);
    }

    [Theory]
    [InlineData(RoutingTableKind.Kademlia)]
    [InlineData(RoutingTableKind.Mainline)]
    public void Rebase_PrefersTheHealthy(RoutingTableKind kind)
    {
        BucketTable table = Make(
            kind,
            _self,
            IpFamily.IPv4,
            new RoutingTableOptions { BucketSize = 2, CacheSize = 0, ExtendedBuckets = false });
        NodeId self = _self.RandomWithCommonPrefix(0, _random);
        CompactNode[] nodes = [.. Enumerable.Range(0, 4).Select(i => Node(1 + (i / 2), (uint)i))];
        Array.ForEach(nodes, node => Insert(table, node));
        Fail(table, nodes[0], 1);
        Fail(table, nodes[3], 1);
        table.Listener = this;
        table.Rebase(self, Instant.Zero);
        Assert.Equal(
            new[] { nodes[1].Id, nodes[2].Id }.Order(
                Comparer<NodeId>.Create((a, b) => NodeId.CompareDistance(default, a, b))),
            Walk(table, Instant.Zero).Select(c => c.Id));
        Assert.Equal(new[] { Lost(nodes[0]), Lost(nodes[3]) }.Order(), _told.Order());
        Assert.All(Walk(table, Instant.Zero), c => Assert.Equal(ContactHealth.Good, c.Health));
    }

    [Fact]
    public void AListener_MayCallTheTableBack()
    {
        BucketTable table = Listened(RoutingTableKind.Mainline);
        CompactNode first = Node(0, 1);
        CompactNode second = Node(0, 2);
        _onLost = _ => Insert(table, second);
        Insert(table, first);
        Fail(table, first, 2);
        Assert.Equal([Found(first), Lost(first), Found(second)], _told);
        Assert.Equal(second.Id, Assert.Single(Walk(table, Instant.Zero)).Id);
    }

    private static string Found(CompactNode node) => TableModel.Told("found", node.Id, node.Endpoint);

    private static string Lost(CompactNode node) => TableModel.Told("lost", node.Id, node.Endpoint);

    private static void Insert(BucketTable table, CompactNode node) =>
        table.Insert(node.Id, node.Endpoint, Instant.Zero);

    private static void Fail(BucketTable table, CompactNode node, int times)
    {
        for (int i = 0; i < times; i++)
        {
            table.MarkFailed(node.Id, node.Endpoint);
        }
    }

    private BucketTable Listened(RoutingTableKind kind)
    {
        BucketTable table = Make(kind, _self);
        table.Listener = this;
        return table;
    }

    private CompactNode Node(int shared, uint number) =>
        new(_self.RandomWithCommonPrefix(shared, _random), Address(number));
}
