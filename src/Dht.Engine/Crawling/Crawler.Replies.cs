using System.Numerics;
using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Crawling;

/// <content>What answers bring.</content>
public sealed partial class Crawler
{
    // Clients hand out 8, few of them 16 or 20. What a reply names beyond that is not believed, so that a liar is no better heard.
    private const int ContactsPerReplyMax = 20;
    private const int IdPrefixBits = 64;

    /// <summary>Acts on a response or an error if it settles a query of ours.</summary>
    /// <returns>False when it does not: it may be meant for somebody else who shares the socket.</returns>
    public bool TrySettle(in KrpcMessage message, in Endpoint source, Instant now)
    {
        if (message.Kind == KrpcKind.Query)
        {
            return false;
        }

        TransactionMatch match = _transactions.TryMatch(message.TransactionId, source, out int slot);
        if (match != TransactionMatch.Found)
        {
            _counters.Rejected += match == TransactionMatch.WrongSource ? 1 : 0;
            return match == TransactionMatch.WrongSource;
        }

        // The answer leaves room in the window, and may bring news.
        NextDeadline = Instant.Min(NextDeadline, now);
        CrawlQuery query = _transactions.State(slot);
        KnownSet known = SetOf(query.Node);
        int index = IndexOf(query.Node);
        if (message.Kind == KrpcKind.Error)
        {
            _transactions.Close(slot);
            _counters.Errors++;
            known.State(index) = CrawlState.At(known.State(index), CrawlState.Done);
            return true;
        }

        if (message.BodyFault != KrpcBodyFault.None || message.SenderId == Id)
        {
            _counters.Rejected++;
            return true;
        }

        TimeSpan roundTrip = now - _transactions.SentAt(slot);
        _counters.Late += _transactions.IsLate(slot) ? 1 : 0;
        _transactions.Close(slot);
        _counters.Responses++;
        _window.OnAnswer(roundTrip, query.Proven);
        if (query.Proven)
        {
            Harvest(query.Node, message, now);
            return true;
        }

        _counters.NodesAlive++;
        known.SetIdPrefix(index, message.SenderId.Prefix64);
        Harvest(query.Node, message, now);

        // Last, so that all is in order should the observer throw.
        _observer.OnNode(new CrawledNode
        {
            Id = message.SenderId,
            Endpoint = source,
            RoundTrip = roundTrip,
            Version = message.Version,
            FirstSeen = _startedAt + TimeSpan.FromMilliseconds(known.FirstSeenOf(index)),
            LastSeen = now,
        });
        return true;
    }

    /// <summary>Learns the contacts of a response and decides whether the node is worth another question.</summary>
    private void Harvest(int handle, in KrpcMessage response, Instant now)
    {
        KnownSet known = SetOf(handle);
        int index = IndexOf(handle);
        bool first = !CrawlState.HasAnswered(known.State(index));
        ulong prefix = known.IdPrefixOf(index);
        int farthest = IdPrefixBits;
        int news = Learn(response.Nodes, prefix, now, ref farthest) + Learn(response.Nodes6, prefix, now, ref farthest);
        if (first)
        {
            // A node that names nobody, or nobody but itself, is asked in all its buckets.
            known.Reach(index) = (byte)Math.Min(farthest, IdPrefixBits - 1);
        }

        int asks = known.Asks(index);
        known.State(index) = (byte)(CrawlState.At(known.State(index), CrawlState.Done) | CrawlState.Answered);
        if (asks < _options.AsksPerNodeMax && (news > 0 || asks < _options.AsksPerNodeMin))
        {
            Queue(handle);
        }
    }

    private int Learn(CompactNodes contacts, ulong prefix, Instant now, ref int farthest)
    {
        int news = 0;
        int count = Math.Min(contacts.Count, ContactsPerReplyMax);
        Span<ulong> hashes = stackalloc ulong[ContactsPerReplyMax];
        LookAhead(contacts, hashes[..count]);
        for (int i = 0; i < count; i++)
        {
            CompactNode contact = contacts[i];
            if (_policy.Check(contact.Endpoint) != AddressVerdict.Allowed)
            {
                _counters.BogonsRefused++;
                continue;
            }

            farthest = Math.Min(farthest, BitOperations.LeadingZeroCount(prefix ^ contact.Id.Prefix64));
            if (contact.Id != Id && Learn(contact.Endpoint, hashes[i], contact.Id.Prefix64, now))
            {
                news++;
            }
        }

        return news;
    }

    /// <summary>Has the memory that the contacts will be looked up in fetched for all of them at once.</summary>
    private void LookAhead(CompactNodes contacts, Span<ulong> hashes)
    {
        if (hashes.IsEmpty)
        {
            return;
        }

        // A list is of one family.
        KnownSet known = SetFor(contacts[0].Endpoint);
        for (int i = 0; i < hashes.Length; i++)
        {
            Endpoint endpoint = contacts[i].Endpoint;
            hashes[i] = known.HashOf(endpoint);
            known.PrefetchPlace(hashes[i]);
            _crowd.Prefetch(endpoint);
        }

        foreach (ulong hash in hashes)
        {
            known.PrefetchRecord(hash);
        }
    }

    private bool Learn(in Endpoint endpoint, ulong hash, ulong idPrefix, Instant now)
    {
        if (!IsCrawled(endpoint))
        {
            return false;
        }

        KnownSet known = SetFor(endpoint);
        if (!_crowd.HasRoom(endpoint))
        {
            _counters.CrowdedRefused += known.IndexOf(endpoint) == KnownSet.None ? 1 : 0;
            return false;
        }

        if (!known.TryAdd(endpoint, hash, idPrefix, (uint)(now - _startedAt).TotalMilliseconds, out int node))
        {
            _counters.KnownSetFull += node == KnownSet.None ? 1 : 0;
            return false;
        }

        _crowd.Add(endpoint);
        IsComplete = false;
        if (_crowd.IsCramped)
        {
            _crowd.Grow();
            CountAgain(_knownIPv4);
            CountAgain(_knownIPv6);
        }

        return true;
    }

    private void CountAgain(KnownSet known)
    {
        for (int node = 0; node < known.Count; node++)
        {
            _crowd.Add(known.EndpointOf(node), 1 + CrawlState.RetriesOf(known.State(node)));
        }
    }
}
