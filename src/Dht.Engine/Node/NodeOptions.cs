using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Routing;
using Dht.Engine.Rpc;
using Dht.Engine.Storage;

namespace Dht.Engine.Node;

/// <summary>Settings of a <see cref="MainlineNode"/>. The defaults suit a node on the public DHT.</summary>
public sealed record NodeOptions
{
    internal const int ContactsPerReplyMax = 16;
    internal const int EntriesMax = 64;

    /// <summary>Our id; null draws a random one.</summary>
    public NodeId? Id { get; init; }

    /// <summary>
    /// Our id among IPv6 contacts; null means the same as <see cref="Id"/>. BEP 42 ties an id to an address.
    /// </summary>
    public NodeId? IdIPv6 { get; init; }

    /// <summary>
    /// Whether the id is derived again when it does not fit the external address (BEP 42). Many nodes keep no contact
    /// whose id does not fit, and store nothing with it.
    /// </summary>
    public bool DeriveId { get; init; } = true;

    /// <summary>
    /// Whether contacts whose id does not fit their address (BEP 42) stay out of the tables and out of lookups. Local
    /// addresses are exempt.
    /// </summary>
    public bool EnforceSecureIds { get; init; }

    /// <summary>
    /// How many nodes of distinct networks must agree before our external address counts as known, 1 to 63.
    /// </summary>
    public int ExternalAddressQuorum { get; init; } = 21;

    /// <summary>
    /// Where the socket is bound, as far as it is known; the engine fills it in. Its port is the one that an
    /// announcement without a port names, and a public address gives the id at once (BEP 42), without a vote.
    /// </summary>
    public Endpoint LocalEndpoint { get; init; }

    /// <summary>BEP 43: queries carry <c>ro</c> = 1, and queries of others are not answered.</summary>
    public bool ReadOnly { get; init; }

    /// <summary><c>v</c> in what we send: by custom two letters and two version bytes. Empty leaves it out.</summary>
    public ReadOnlyMemory<byte> Version { get; init; } = ClientVersion.Default;

    /// <summary>Contacts handed out in one reply (k), 1 to 16.</summary>
    public int ContactsPerReply { get; init; } = 8;

    /// <summary>The most queries of ours open at once.</summary>
    public int OpenQueriesMax { get; init; } = 512;

    /// <summary>How long a query of ours may stay unanswered.</summary>
    public TimeSpan QueryTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Queries answered per second and IP address; 0 means no limit.</summary>
    public double AnswersPerSecondPerAddress { get; init; } = 20;

    /// <summary>How many queries of one IP address may be answered at once.</summary>
    public int AnswerBurst { get; init; } = 60;

    /// <summary>
    /// Bytes of answers per second, all together; 0 means no limit, as does an
    /// <see cref="AnswersPerSecondPerAddress"/> of 0. Askers that have answered a query of ours, or shown a token, come
    /// before the others, and local addresses are exempt.
    /// </summary>
    public double AnswerBytesPerSecond { get; init; } = 4_194_304;

    /// <summary>
    /// Bytes of answers per second to one IPv4 /24 or IPv6 /48, three seconds' worth of them at once; 0 means no limit,
    /// as does an <see cref="AnswersPerSecondPerAddress"/> of 0. Beyond it only those are answered that have proved
    /// themselves so. What is asked under forged addresses of a network falls on it.
    /// </summary>
    public double AnswerBytesPerSecondPerNetwork { get; init; } = 32_768;

    /// <summary>Queries sent per second to one IP address; 0 means no limit. Some nodes ban at 5.</summary>
    public double QueriesPerSecondPerAddress { get; init; } = 4;

    /// <summary>How many queries may be sent to one IP address at once.</summary>
    public int QueryBurst { get; init; } = 4;

    /// <summary>
    /// How many addresses the limits above remember, 64 to 1,048,576: those that ask us. Of those that we ask a quarter
    /// as many, which is plenty. 16 bytes each.
    /// </summary>
    public int AddressesRemembered { get; init; } = 16_384;

    /// <summary>Lookups that may be under way at once, the node's own included, 8 to 4,096.</summary>
    public int LookupsMax { get; init; } = 64;

    /// <summary>
    /// Queries of one lookup under way at once (alpha), 1 to 16. A lookup that a caller waits for also asks all of the
    /// <see cref="LookupWindow"/> nearest candidates at once.
    /// </summary>
    public int LookupParallelism { get; init; } = 4;

    /// <summary>
    /// How many of the nearest candidates a lookup asks at once, 0 to 32: more end it earlier, and cost more queries.
    /// With 0 it asks no more than <see cref="LookupParallelism"/>.
    /// </summary>
    public int LookupWindow { get; init; } = 16;

    /// <summary>
    /// How often a lookup that a caller waits for asks one of the nearest again that is silent, 0 to 4. A lost packet
    /// looks the same as a dead node: more find the nearest that live more surely, and end a lookup later when some of
    /// the nearest are dead.
    /// </summary>
    public int LookupRepeats { get; init; } = 3;

    /// <summary>
    /// Bounds of what the built-in peer store keeps for others; null takes its defaults. Not together with
    /// <see cref="PeerStore"/>, which has bounds of its own.
    /// </summary>
    public PeerStoreOptions? Peers { get; init; }

    /// <summary>Which of the built-in routing tables.</summary>
    public RoutingTableKind TableKind { get; init; } = RoutingTableKind.Kademlia;

    /// <summary>
    /// Tables of your own, at most one for each family; a family without one gets a built-in of <see
    /// cref="TableKind"/>. A table that is arranged around another id than the node's is rebased when the node is
    /// created; its contacts stay in it. One node at a time.
    /// </summary>
    public IReadOnlyList<IRoutingTable> Tables { get; init; } = [];

    /// <summary>
    /// Where announced peers are kept; null creates a <see cref="Storage.PeerStore"/> with the bounds of <see
    /// cref="Peers"/>.
    /// </summary>
    public IPeerStore? PeerStore { get; init; }

    /// <summary>Settings of the built-in tables.</summary>
    public RoutingTableOptions Table { get; init; } = new();

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ContactsPerReply, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ContactsPerReply, ContactsPerReplyMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Version.Length, ClientVersion.SizeMax, "Version.Length");
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(QueryTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(OpenQueriesMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(OpenQueriesMax, TransactionTable<NodeQuery>.CapacityMax);
        Rates.ThrowIfInvalid(QueriesPerSecondPerAddress);
        Rates.ThrowIfInvalid(AnswersPerSecondPerAddress);
        Rates.ThrowIfInvalid(AnswerBytesPerSecond);
        Rates.ThrowIfInvalid(AnswerBytesPerSecondPerNetwork);
        ArgumentOutOfRangeException.ThrowIfLessThan(QueryBurst, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(AnswerBurst, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(AddressesRemembered, 64);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(AddressesRemembered, 1 << 20);
        ArgumentOutOfRangeException.ThrowIfLessThan(LookupsMax, 8);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(LookupsMax, 4096);
        ArgumentOutOfRangeException.ThrowIfLessThan(LookupParallelism, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(LookupParallelism, 16);
        ArgumentOutOfRangeException.ThrowIfNegative(LookupWindow);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(LookupWindow, 32);
        ArgumentOutOfRangeException.ThrowIfNegative(LookupRepeats);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(LookupRepeats, 4);
        ArgumentOutOfRangeException.ThrowIfLessThan(ExternalAddressQuorum, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ExternalAddressQuorum, 63);
        if (!Enum.IsDefined(TableKind))
        {
            throw new ArgumentOutOfRangeException(
                nameof(TableKind), TableKind, "The routing table is to be Kademlia or Mainline.");
        }

        Peers?.Validate();
        if (Peers != null && PeerStore != null)
        {
            throw new ArgumentException(
                $"{nameof(Peers)} bounds the built-in store, and {nameof(PeerStore)} takes its place; set one.",
                nameof(Peers));
        }

        ArgumentNullException.ThrowIfNull(Table);
        Table.Validate();
        ValidateTables();
    }

    private void ValidateTables()
    {
        ArgumentNullException.ThrowIfNull(Tables);
        bool hasIPv4 = false;
        bool hasIPv6 = false;
        foreach (IRoutingTable? table in Tables)
        {
            ref bool has = ref hasIPv4;
            switch (table?.Family)
            {
                case null:
                    throw new ArgumentException(
                        "An entry is null; leave out the families that get a built-in table.", nameof(Tables));
                case IpFamily.IPv4:
                    break;
                case IpFamily.IPv6:
                    has = ref hasIPv6;
                    break;
                default:
                    throw new ArgumentException("The Family of a table must be IPv4 or IPv6.", nameof(Tables));
            }

            if (has)
            {
                throw new ArgumentException(
                    $"Two tables are for {table.Family}; give at most one for each family.", nameof(Tables));
            }

            has = true;
        }
    }
}
