namespace Dht.Engine;

/// <content>
/// The instruments. Names stay as they are once published; docs/metrics.md lists them. A figure that is null now is
/// not shown.
/// </content>
internal sealed partial class EngineMeter
{
    private const string DirectionKey = "network.io.direction";
    private const string ReasonKey = "dht.reason";

    private void AddInstruments()
    {
        AddAnswers();
        AddRequests();
        AddTransport();
        AddEngine();
        AddCrawl();
    }

    private void AddAnswers()
    {
        Count(
            "dht.node.queries.received", "{query}", "Queries of others that arrived.",
            static r => r.Counters.Node.QueriesReceived);
        Count(
            "dht.node.queries.answered", "{query}", "Queries of others answered with a response.",
            static r => r.Counters.Node.QueriesAnswered);
        Count(
            "dht.node.queries.refused", "{query}", "Queries of others answered with an error.",
            static r => r.Counters.Node.ErrorsSent);
        Count(
            "dht.node.queries.throttled", "{query}",
            "Queries not answered because their address, its network or all together were over their limit.",
            static r => r.Counters.Node.Throttled);
        Count(
            "dht.node.queries.dropped", "{query}",
            "Queries not answered because the outbox was full or the address forbidden.",
            static r => r.Counters.Node.AnswersDropped);
        Count(
            "dht.node.queries.reflected", "{query}", "Queries that carried our own id.",
            static r => r.Counters.Node.Reflected);
        Count(
            "dht.node.queries.vetoed", "{query}", "Queries that a handler left without any answer.",
            static r => r.Counters.Node.Vetoed);
        Count(
            "dht.node.lookups", "{lookup}", "Lookups that have ended, the node's own included.",
            static r => r.Counters.Node.Lookups);
        Count(
            "dht.node.id.changes", "{change}", "How often our id was derived again (BEP 42).",
            static r => r.Counters.Node.IdChanges);
        Count(
            "dht.node.faults", "{fault}",
            "Exceptions that user code threw inside the node; a part of dht.engine.faults.",
            static r => r.Counters.Node.Faults);
        Count(
            "dht.node.peers.stored", "{peer}", "Peers stored for others.",
            static r => r.Counters.Node.PeersStored);
        Show(
            "dht.node.contacts", "{contact}", "Contacts in the routing tables.",
            static r => r.Counters.Contacts);
    }

    private void AddRequests()
    {
        Count(
            "dht.node.requests.sent", "{request}", "Queries of ours.",
            static r => r.Counters.Node.QueriesSent);
        Count(
            "dht.node.requests.not_sent", "{request}", "Queries of ours that the system refused to send.",
            static r => r.Counters.Node.QueriesNotSent);
        Count(
            "dht.node.requests.responses", "{response}", "Responses to queries of ours.",
            static r => r.Counters.Node.Responses);
        Count(
            "dht.node.requests.errors", "{error}", "Errors in answer to queries of ours.",
            static r => r.Counters.Node.Errors);
        Count(
            "dht.node.requests.timeouts", "{request}", "Queries of ours without an answer.",
            static r => r.Counters.Node.Timeouts);
        Show(
            "dht.node.requests.open", "{request}", "Queries of ours that await an answer.",
            static r => r.OpenQueries);
        Count(
            "dht.node.replies.rejected",
            "{reply}",
            "Replies that were not believed.",
            ReasonKey,
            ("unexpected", static r => r.Counters.Node.Unexpected),
            ("wrong_source", static r => r.Counters.Node.WrongSource),
            ("wrong_id", static r => r.Counters.Node.WrongId));
    }

    private void AddTransport()
    {
        Count(
            "dht.transport.datagrams.received", "{datagram}", "Datagrams received.",
            static r => r.Counters.Transport.Received);
        Count(
            "dht.transport.datagrams.sent", "{datagram}", "Datagrams sent.",
            static r => r.Counters.Transport.Sent);
        Count(
            "dht.transport.datagrams.lost", "{datagram}",
            "Datagrams that the system threw away because its receive buffer was full (Linux).",
            static r => r.Counters.Transport.KernelDropped);
        Count(
            "dht.transport.datagrams.truncated", "{datagram}",
            "Datagrams dropped for being longer than a receive buffer.",
            static r => r.Counters.Transport.Truncated);
        Count(
            "dht.transport.io",
            "By",
            "Bytes of payload.",
            DirectionKey,
            ("receive", static r => r.Counters.Transport.BytesReceived),
            ("transmit", static r => r.Counters.Transport.BytesSent));
        Count(
            "dht.transport.errors",
            "{error}",
            "Calls to the system that it refused.",
            DirectionKey,
            ("receive", static r => r.Counters.Transport.ReceiveErrors),
            ("transmit", static r => r.Counters.Transport.SendErrors));
    }

    private void AddEngine()
    {
        Count(
            "dht.engine.datagrams.malformed", "{datagram}", "Datagrams that began like KRPC but were malformed.",
            static r => r.Counters.Malformed);
        Count(
            "dht.engine.datagrams.foreign", "{datagram}", "Datagrams that were not KRPC at all.",
            static r => r.Counters.Foreign);
        Count(
            "dht.engine.datagrams.forbidden", "{datagram}", "Datagrams that the address policy forbade to send.",
            static r => r.Counters.BogonsRefused);
        Count(
            "dht.engine.faults", "{fault}", "Exceptions that user code threw inside the loop.",
            static r => r.Counters.Faults);
    }

    /// <summary>Shown while a crawl is under way; they begin again with the next.</summary>
    private void AddCrawl()
    {
        Show(
            "dht.crawl.nodes.seen", "{node}", "Distinct endpoints that the crawl has heard of.",
            static r => r.Crawl?.NodesSeen);
        Show(
            "dht.crawl.nodes.alive", "{node}", "Of these, those that have answered.",
            static r => r.Crawl?.NodesAlive);
        Show(
            "dht.crawl.nodes.refusing", "{node}", "Nodes that have only ever answered with an error.",
            static r => r.Crawl?.NodesRefusing);
        Show(
            "dht.crawl.nodes.unsendable", "{node}", "Nodes to which the system refuses to send.",
            static r => r.Crawl?.NodesUnsendable);
        Show(
            "dht.crawl.entries", "{node}", "Nodes that the crawl was given to begin at.",
            static r => r.Crawl?.Entries);
        Show(
            "dht.crawl.frontier", "{node}", "Nodes still to be asked, as far as is known now.",
            static r => r.Crawl?.Frontier);
        Show(
            "dht.crawl.requests.open", "{request}", "Queries in flight that hold a place in the window.",
            static r => r.Crawl?.InFlight);
        Show(
            "dht.crawl.window", "{request}", "How many queries may be in flight now.",
            static r => r.Crawl?.Window);
        Show(
            "dht.crawl.memory", "By", "The known set and the frontier.",
            static r => r.Crawl?.KnownSetBytes);
        Count(
            "dht.crawl.requests.sent", "{request}", "Queries of the crawl.",
            static r => r.Crawl?.Queries);
        Count(
            "dht.crawl.requests.probes", "{request}", "Of these, those to see whether anybody answers at all.",
            static r => r.Crawl?.Probes);
        Count(
            "dht.crawl.requests.not_sent", "{request}", "Queries of the crawl that the system refused to send.",
            static r => r.Crawl?.NotSent);
        Count(
            "dht.crawl.requests.taken_back", "{request}", "Queries sent while nobody answered, to be sent again.",
            static r => r.Crawl?.TakenBack);
        Count(
            "dht.crawl.requests.responses", "{response}", "Valid responses to them.",
            static r => r.Crawl?.Responses);
        Count(
            "dht.crawl.requests.late", "{response}", "Responses that came after the short timeout.",
            static r => r.Crawl?.Late);
        Count(
            "dht.crawl.requests.errors", "{error}", "Errors in answer to them.",
            static r => r.Crawl?.Errors);
        Count(
            "dht.crawl.requests.timeouts", "{request}", "Queries of the crawl without an answer.",
            static r => r.Crawl?.Timeouts);
        Count(
            "dht.crawl.replies.rejected", "{reply}", "Replies to the crawl that were not believed.",
            static r => r.Crawl?.Rejected);
        Count(
            "dht.crawl.contacts.forbidden", "{contact}", "Contacts whose endpoint the address policy refuses.",
            static r => r.Crawl?.BogonsRefused);
        Count(
            "dht.crawl.contacts.crowded", "{contact}", "Contacts whose address has too many nodes already.",
            static r => r.Crawl?.CrowdedRefused);
        Count(
            "dht.crawl.contacts.dropped", "{contact}", "Contacts that the known set had no room for.",
            static r => r.Crawl?.KnownSetFull);
    }
}
