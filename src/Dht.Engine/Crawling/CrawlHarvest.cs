using System.Numerics;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Crawling;

/// <summary>
/// What answers bring: which of the contacts in them are believed, and whether their sender is worth another query.
/// </summary>
internal sealed class CrawlHarvest
{
    // Clients hand out 8, few of them 16 or 20. What a reply names beyond that is not believed, so that a liar gains
    // nothing by naming more.
    private const int ContactsPerReplyMax = 20;
    private const int IdPrefixBits = 64;

    private readonly CrawlFrontier _frontier;
    private readonly IAddressPolicy _policy;
    private readonly IpFamily _families;
    private readonly NodeId _self;
    private readonly int _asksMin;
    private readonly int _asksMax;
    private readonly Instant _startedAt;

    /// <param name="options">Which nodes to believe, and how often to ask them.</param>
    /// <param name="frontier">Where what is believed goes.</param>
    /// <param name="policy">Which endpoints to believe.</param>
    /// <param name="self">Our id.</param>
    /// <param name="now">The start of the crawl.</param>
    public CrawlHarvest(
        CrawlOptions options, CrawlFrontier frontier, IAddressPolicy policy, in NodeId self, Instant now)
    {
        _frontier = frontier;
        _policy = policy;
        _families = options.Families == IpFamily.None ? IpFamily.Both : options.Families;
        _self = self;
        _asksMin = options.AsksPerNodeMin;
        _asksMax = options.AsksPerNodeMax;
        _startedAt = now;
    }

    /// <summary>Endpoints not believed because the policy refuses them.</summary>
    public long BogonsRefused { get; private set; }

    /// <summary>Endpoints not believed because their address has too many nodes already.</summary>
    public long CrowdedRefused { get; private set; }

    /// <summary>Endpoints that the known set had no room for.</summary>
    public long KnownSetFull { get; private set; }

    /// <summary>Whether the policy lets an endpoint be believed; counts those it refuses.</summary>
    public bool Allows(in Endpoint endpoint)
    {
        bool isAllowed = _policy.Check(endpoint) == AddressVerdict.Allowed;
        BogonsRefused += isAllowed ? 0 : 1;
        return isAllowed;
    }

    /// <summary>
    /// Takes up an endpoint that the policy allows; false when it is of a family that is not crawled, known, or one
    /// too many.
    /// </summary>
    /// <param name="endpoint">Where the node is.</param>
    /// <param name="hash">Of the endpoint, by the frontier.</param>
    /// <param name="idPrefix">The first 64 bits of its id, as far as is known.</param>
    /// <param name="now">The current instant.</param>
    public bool TryLearn(in Endpoint endpoint, ulong hash, ulong idPrefix, Instant now)
    {
        if ((_families & endpoint.Family) == 0)
        {
            return false;
        }

        uint firstSeen = (uint)(now - _startedAt).TotalMilliseconds;
        LearnOutcome outcome = _frontier.TryLearn(endpoint, hash, idPrefix, firstSeen);
        CrowdedRefused += outcome == LearnOutcome.Crowded ? 1 : 0;
        KnownSetFull += outcome == LearnOutcome.Full ? 1 : 0;
        return outcome == LearnOutcome.New;
    }

    /// <summary>Learns the contacts of a response and decides whether its sender is worth another query.</summary>
    public void Take(int handle, in KrpcMessage response, Instant now)
    {
        KnownNode node = _frontier[handle];
        ulong prefix = node.IdPrefix;
        int farthest = IdPrefixBits;
        int news = Learn(response.Nodes, prefix, now, ref farthest) + Learn(response.Nodes6, prefix, now, ref farthest);
        if (!node.State.HasAnswered)
        {
            // A node that names no other is asked in all its buckets.
            node.Reach = Math.Min(farthest, IdPrefixBits - 1);
        }

        // What it refused was no answer.
        int asks = node.Asks - node.Refusals;
        _frontier.OnAnswered(handle, asks < _asksMax && (news > 0 || asks < _asksMin));
    }

    private int Learn(CompactNodes contacts, ulong prefix, Instant now, ref int farthest)
    {
        int news = 0;
        int count = Math.Min(contacts.Count, ContactsPerReplyMax);
        Span<ulong> hashes = stackalloc ulong[ContactsPerReplyMax];
        _frontier.LookAhead(contacts, hashes[..count]);
        for (int i = 0; i < count; i++)
        {
            CompactNode contact = contacts[i];
            if (!Allows(contact.Endpoint))
            {
                continue;
            }

            farthest = Math.Min(farthest, BitOperations.LeadingZeroCount(prefix ^ contact.Id.Prefix64));
            if (contact.Id != _self && TryLearn(contact.Endpoint, hashes[i], contact.Id.Prefix64, now))
            {
                news++;
            }
        }

        return news;
    }
}
