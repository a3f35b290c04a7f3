using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Randomness;
using Dht.Engine.Routing;
using Dht.Engine.Tests.Models;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Routing;

/// <summary>
/// Thousands of random operations on a table and on its plain model: every result, every contact and every event
/// agree.
/// </summary>
public sealed class TableModelTests
{
    private const int Networks = 40;
    private const int SitesPerNetwork = 4;

    [Theory]
    [InlineData(1, RoutingTableKind.Kademlia, IpFamily.IPv4, 8, 8)]
    [InlineData(2, RoutingTableKind.Kademlia, IpFamily.IPv6, 4, 2)]
    [InlineData(3, RoutingTableKind.Kademlia, IpFamily.IPv4, 2, 0)]
    [InlineData(4, RoutingTableKind.Mainline, IpFamily.IPv4, 8, 8)]
    [InlineData(5, RoutingTableKind.Mainline, IpFamily.IPv6, 1, 4)]
    [InlineData(6, RoutingTableKind.Mainline, IpFamily.IPv4, 1, 2)]
    [InlineData(7, RoutingTableKind.Mainline, IpFamily.IPv6, 2, 0)]
    [InlineData(8, RoutingTableKind.Mainline, IpFamily.IPv4, 3, 3, false)]
    [InlineData(9, RoutingTableKind.Mainline, IpFamily.IPv4, 2, 3, true, 4)]
    [InlineData(10, RoutingTableKind.Kademlia, IpFamily.IPv6, 2, 3, true, 0, true)]
    [InlineData(11, RoutingTableKind.Mainline, IpFamily.IPv6, 2, 3, false, 2, true)]
    public void RandomUse_AgreesWithThePlainModel(
        int seed,
        RoutingTableKind kind,
        IpFamily family,
        int k,
        int cache,
        bool extended = true,
        int failuresAllowed = 1,
        bool shared = false)
    {
        var random = new SeededRandomSource((ulong)seed);
        var options = new RoutingTableOptions
        {
            BucketSize = k,
            CacheSize = cache,
            ExtendedBuckets = extended,
            FailuresAllowed = failuresAllowed,
            AllowSharedAddresses = shared,
        };
        var self = NodeId.Random(random);
        var run = new Run(kind, self, family, options, random);
        for (int step = 0; step < 6_000; step++)
        {
            run.Step($"seed {seed}, step {step}");
        }

        Assert.True(
            run.Found > 100 && run.Lost > 50,
            $"seed {seed}: the run is to have seen {run.Found} found and {run.Lost} lost");
    }

    private sealed class Run : IContactListener
    {
        private readonly SeededRandomSource _random;
        private readonly IpFamily _family;
        private readonly BucketTable _table;
        private readonly TableModel _model;
        private readonly NodeId[] _selves;
        private readonly NodeId[] _ids;
        private readonly List<string> _events = [];
        private Instant _now;

        public Run(
            RoutingTableKind kind, NodeId self, IpFamily family, RoutingTableOptions options, SeededRandomSource random)
        {
            _random = random;
            _family = family;
            _table = (BucketTable)RoutingTables.Create(kind, self, family, options, random);
            _table.Listener = this;
            _model = new TableModel(kind, self, family, options);
            _selves =
            [
                self, self.RandomWithCommonPrefix(2, random), self.RandomWithCommonPrefix(7, random),
                NodeId.Random(random),
            ];
            _ids =
            [
                .. Enumerable.Range(0, 300)
                    .Select(i => self.RandomWithCommonPrefix(i % 3 == 0 ? i % 13 : i % 5, random)),
                .. _selves,
            ];
        }

        public int Found { get; private set; }

        public int Lost { get; private set; }

        public void OnContactFound(in CompactNode contact)
        {
            Found++;
            _events.Add(TableModel.Told("found", contact.Id, contact.Endpoint));
        }

        public void OnContactLost(in CompactNode contact)
        {
            Lost++;
            _events.Add(TableModel.Told("lost", contact.Id, contact.Endpoint));
        }

        public void Step(string where)
        {
            _now += TimeSpan.FromSeconds(_random.Next(12));
            _now += TimeSpan.FromMinutes(_random.Next(300) == 0 ? 15 : 0);
            CompactNode node = Pick();
            switch (_random.Next(13))
            {
                case < 5:
                    Assert.True(
                        _model.Wants(node.Id, node.Endpoint) == _table.Wants(node.Id, node.Endpoint),
                        $"{where}: wants");
                    bool isIn = _table.Insert(node.Id, node.Endpoint, _now);
                    Assert.True(_model.Insert(node.Id, node.Endpoint, _now) == isIn, $"{where}: insert");
                    break;
                case < 7:
                    _model.Fail(node.Id, node.Endpoint);
                    _table.MarkFailed(node.Id, node.Endpoint);
                    break;
                case 12:
                    CompactNode? rival = _model.Rival(node.Id, node.Endpoint, _now)?.Node;
                    Assert.True(
                        rival.HasValue == _table.TryGetRival(node.Id, node.Endpoint, _now, out CompactNode found)
                            && (rival == null || rival == found),
                        $"{where}: {rival} is a rival, not {found}");
                    if (rival is { } gone && _random.Next(4) == 0)
                    {
                        _model.Replaced(gone.Id, gone.Endpoint);
                        _table.MarkReplaced(gone.Id, gone.Endpoint);
                    }

                    break;
                case 7:
                    _model.Heard(node.Id, node.Endpoint, _now);
                    _table.MarkHeard(node.Id, node.Endpoint, _now);
                    break;
                case < 10:
                    CompactNode? expected = _model.Stale(_now)?.Node;
                    Assert.True(
                        expected.HasValue == _table.TryGetStale(_now, out CompactNode stale), $"{where}: stale");
                    Assert.True((expected ?? default) == stale, $"{where}: {expected} is stale, not {stale}");
                    break;
                case 10:
                    int shared = _model.Refresh(_now);
                    Assert.True(
                        shared >= 0 == _table.TryGetRefreshTarget(_now, _random, out NodeId target),
                        $"{where}: refresh");
                    Assert.True(
                        shared < 0 || _table.Self.CommonPrefixLength(target) == shared,
                        $"{where}: {target} shares not {shared} bits");
                    break;
                default:
                    MoveRarely();
                    break;
            }

            _table.CheckInvariants();
            Compare(where);
        }

        private void MoveRarely()
        {
            if (_random.Next(25) == 0)
            {
                NodeId self = _selves[_random.Next(_selves.Length)];
                _model.Rebase(self, _now);
                _table.Rebase(self, _now);
            }
        }

        /// <summary>Often one that is held, because little happens to the others.</summary>
        private CompactNode Pick()
        {
            if (_model.Held.Count > 0 && _random.Next(2) == 0)
            {
                return _model.Held[_random.Next(_model.Held.Count)].Node;
            }

            int network = _random.Next(Networks);
            int site = _random.Next(SitesPerNetwork);
            ushort port = (ushort)(1 + _random.Next(2));
            Endpoint endpoint = _family == IpFamily.IPv4
                ? Endpoint.FromIPv4(0x08000000 + ((uint)network << 8) + (uint)site, port)
                : Endpoint.FromIPv6(UpperBits(network, site), (ulong)_random.Next(3), port);
            return new CompactNode(_ids[_random.Next(_ids.Length)], endpoint);
        }

        /// <summary>Networks of several blocks: each of two is of one /48, each of six of one /32.</summary>
        private static ulong UpperBits(int network, int site) => 0x2001_4860_0000_0000
            + ((ulong)(network / 6) << 32) + ((ulong)(network % 6 / 2) << 16) + ((ulong)(network % 2) << 8)
            + (ulong)site;

        private void Compare(string where)
        {
            Assert.True(
                _model.Events.SequenceEqual(_events),
                $"{where}: {_model.Events.LastOrDefault()}, not {_events.LastOrDefault()}");
            Assert.True(
                _model.Buckets == _table.BucketCount, $"{where}: {_model.Buckets} buckets, not {_table.BucketCount}");
            Assert.True(
                _model.Held.Count == _table.Count, $"{where}: {_model.Held.Count} contacts, not {_table.Count}");
            Assert.True(_model.Self == _table.Self, where);
            _model.Events.Clear();
            _events.Clear();
            HashSet<Contact> expected =
                [.. _model.Held.Select(e => new Contact(e.Id, e.Endpoint, _model.Health(e, _now), e.Answered))];
            List<Contact> walked = TableFill.Walk(_table, _now);
            Assert.True(
                walked.Count == expected.Count && expected.SetEquals(walked),
                $"{where}: contacts or their health differ");
        }
    }
}
