using Dht.Engine.Addressing;
using Dht.Engine.Node;
using Dht.Engine.Routing;
using Dht.Engine.Storage;

namespace Dht.Engine.Fuzz.Programs;

/// <summary>What kind of node a program runs on: the first command of the program.</summary>
internal readonly record struct NodeSetting(Command Command)
{
    /// <summary>Whether handlers, a method of our own and an observer are there.</summary>
    public bool HasHandlers => (Command.Code & 1) != 0;

    /// <summary>Whether BEP 43 forbids it to answer.</summary>
    public bool IsReadOnly => (Command.Code & 0x30) == 0x30;

    /// <summary>Whether queries to and from one address are limited.</summary>
    public bool IsThrottled => (Command.Code & 8) != 0;

    /// <summary>Datagrams that the outbox holds.</summary>
    public int OutboxSize => (Command.Code & 0xC0) == 0xC0 ? 2 : 160;

    /// <summary>The families that the socket reaches.</summary>
    public IpFamily Families => (Command.A & 7) switch
    {
        0 => IpFamily.IPv4,
        1 => IpFamily.IPv6,
        _ => IpFamily.Both,
    };

    /// <summary>The options of the node.</summary>
    public NodeOptions Options => new()
    {
        ReadOnly = IsReadOnly,
        EnforceSecureIds = (Command.Code & 2) != 0,
        TableKind = (Command.Code & 4) != 0 ? RoutingTableKind.Mainline : RoutingTableKind.Kademlia,
        ExternalAddressQuorum = 1 + ((Command.A >> 3) & 3),
        DeriveId = (Command.A & 0x20) == 0,
        ContactsPerReply = (Command.A & 0x40) != 0 ? MainlineNode.ContactsPerReplyMax : 8,
        OpenQueriesMax = (Command.A & 0x80) != 0 ? 8 : 128,
        QueryTimeout = TimeSpan.FromSeconds(1 + (Command.B & 3)),
        AnswersPerSecondPerAddress = IsThrottled ? 2 : 0,
        AnswerBurst = 4,
        QueriesPerSecondPerAddress = IsThrottled ? 4 : 0,
        LookupsMax = 8,
        LookupParallelism = 1 + ((Command.B >> 2) & 7),
        LookupWindow = (Command.B & 0x20) != 0 ? 0 : 12,
        AddressesRemembered = (Command.B & 0x40) != 0 ? 64 : 1_024,
        Peers = new PeerStoreOptions
        {
            InfoHashCapacity = 32,
            PeerCapacity = 64,
            PeersPerInfoHash = (Command.B & 0x80) != 0 ? 1 : 24,
        },
        Table = new RoutingTableOptions
        {
            BucketSize = 1 + (Command.C & 7),
            CacheSize = (Command.C >> 3) & 3,
            AllowSharedAddresses = (Command.C & 0x20) != 0,
            ExtendedBuckets = (Command.C & 0x40) == 0,
            FailuresAllowed = Command.C >> 7,
        },
    };
}
