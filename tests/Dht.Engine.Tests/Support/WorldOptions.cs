using Dht.Engine.Addressing;
using Dht.Engine.Node;
using Dht.Engine.Routing;

namespace Dht.Engine.Tests.Support;

/// <summary>Settings of a <see cref="World"/>. Shares are from 0 to 1.</summary>
internal sealed record WorldOptions
{
    public ulong Seed { get; init; } = 1;

    public int IPv4Count { get; init; }

    public int IPv6Count { get; init; }

    /// <summary>The families that the node reaches; null means those of the neighbours.</summary>
    public IpFamily? Families { get; init; }

    /// <summary>
    /// How many random neighbours of each family are offered to the node's tables, dead ones included.
    /// </summary>
    public int Known { get; init; }

    /// <summary>
    /// Whether each neighbour knows only what a table of k-buckets has room for, a random choice for each bucket;
    /// otherwise each knows all.
    /// </summary>
    public bool HasTables { get; init; }

    public double DeadShare { get; init; }

    public double Loss { get; init; }

    public double ErrorShare { get; init; }

    public double DuplicateShare { get; init; }

    /// <summary>Contacts in replies whose endpoint may not be sent to.</summary>
    public double ForbiddenShare { get; init; }

    /// <summary>Replies that take anything up to <see cref="SlowMax"/>.</summary>
    public double SlowShare { get; init; }

    /// <summary>The longest round trip otherwise.</summary>
    public TimeSpan LatencyMax { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The round trip of every exchange; null leaves it to <see cref="LatencyMax"/>.</summary>
    public TimeSpan? RoundTrip { get; init; }

    public TimeSpan SlowMax { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>Neighbours at one address, each with a port of its own.</summary>
    public int PerAddress { get; init; } = 1;

    /// <summary>Whether the ids fit the addresses (BEP 42).</summary>
    public bool HasSecureIds { get; init; }

    public int OutboxSize { get; init; } = 512;

    /// <summary>Whether the node has its built-in tasks; without them, only what a test starts happens.</summary>
    public bool KeepsUpkeep { get; init; }

    /// <summary>Whether <see cref="World.Sent"/> is filled.</summary>
    public bool Records { get; init; }

    public IAddressPolicy Policy { get; init; } = AddressPolicy.AllowLocal;

    public NodeOptions Node { get; init; } = new();

    /// <summary>Two hundred IPv4 neighbours, of which the node knows about sixty, and no upkeep.</summary>
    public static WorldOptions Crowd { get; } = new() { IPv4Count = 200, Known = 60 };

    /// <summary>Options of a node for neighbours that share addresses.</summary>
    public static NodeOptions Shared { get; } = new()
    {
        Table = new RoutingTableOptions { AllowSharedAddresses = true },
    };
}
