using Dht.Engine.Addressing;
using Dht.Engine.Node;
using Dht.Engine.Routing;

namespace Dht.Engine.Tests.Node;

/// <summary>What a <see cref="LookupWorld"/> is like. Shares are from 0 to 1.</summary>
internal sealed record LookupWorldOptions
{
    public ulong Seed { get; init; } = 1;

    public int IPv4Count { get; init; } = 200;

    public int IPv6Count { get; init; }

    /// <summary>How many random responders of each family are offered to the node's tables, the dead among them too.</summary>
    public int Known { get; init; } = 60;

    /// <summary>
    /// Whether each responder knows only what a table of k-buckets has room for, a random choice of each bucket; else each knows all.
    /// </summary>
    public bool HasTables { get; init; }

    public double DeadShare { get; init; }

    public double Loss { get; init; }

    public double ErrorShare { get; init; }

    public double DuplicateShare { get; init; }

    /// <summary>Contacts in replies whose endpoint nobody may send to.</summary>
    public double ForbiddenShare { get; init; }

    /// <summary>Replies that take anything up to <see cref="SlowMax"/>.</summary>
    public double SlowShare { get; init; }

    public TimeSpan LatencyMax { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan SlowMax { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>Responders of one address, each with a port of its own.</summary>
    public int PerAddress { get; init; } = 1;

    /// <summary>Whether the ids fit the addresses (BEP 42).</summary>
    public bool HasSecureIds { get; init; }

    public int OutboxSize { get; init; } = 512;

    /// <summary>Whether the node does what it does by itself; without, only what a test starts happens.</summary>
    public bool KeepsUpkeep { get; init; }

    public IAddressPolicy Policy { get; init; } = AddressPolicy.AllowLocal;

    public NodeOptions Node { get; init; } = new();

    /// <summary>Options of a node for responders that share addresses.</summary>
    public static NodeOptions Shared { get; } = new() { Table = new RoutingTableOptions { AllowSharedAddresses = true } };
}
