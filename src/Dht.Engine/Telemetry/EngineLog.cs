using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dht.Engine;

/// <summary>
/// Everything that the engine logs. Event ids and names stay as they are once published; docs/metrics.md lists them.
/// Nothing here is called for each packet.
/// </summary>
internal static partial class EngineLog
{
    public const string Category = "Dht.Engine.DhtEngine";

    public static ILogger Create(ILoggerFactory? factory) =>
        factory == null ? NullLogger.Instance : new GuardedLogger(factory.CreateLogger(Category));

    [LoggerMessage(1, LogLevel.Information, "Listening on {Endpoint} as {Id} over {Transport}.")]
    public static partial void Started(this ILogger log, Endpoint endpoint, NodeId id, string transport);

    [LoggerMessage(2, LogLevel.Information, "Stopped; {Endpoint} is free.")]
    public static partial void Stopped(this ILogger log, Endpoint endpoint);

    [LoggerMessage(3, LogLevel.Critical, "The loop on {Endpoint} has ended by a fault of its own.")]
    public static partial void Failed(this ILogger log, Endpoint endpoint, Exception fault);

    [LoggerMessage(10, LogLevel.Information, "Joined the network with {Contacts} contacts.")]
    public static partial void Joined(this ILogger log, int contacts);

    [LoggerMessage(
        11, LogLevel.Warning,
        "The routing table is empty; joining again through {Entries} routers and bootstrap nodes.")]
    public static partial void TableEmpty(this ILogger log, int entries);

    [LoggerMessage(12, LogLevel.Information, "Others see us at {External} now; before it was {Before}.")]
    public static partial void ExternalAddressChanged(this ILogger log, Endpoint external, Endpoint before);

    [LoggerMessage(13, LogLevel.Information, "Our id over {Family} is {Id} now; before it was {Before}.")]
    public static partial void IdChanged(this ILogger log, IpFamily family, NodeId id, NodeId before);

    [LoggerMessage(20, LogLevel.Information, "Loaded {Contacts} contacts from {Path}.")]
    public static partial void StateLoaded(this ILogger log, int contacts, string path);

    [LoggerMessage(21, LogLevel.Debug, "Saved {Contacts} contacts to {Path}.")]
    public static partial void StateSaved(this ILogger log, int contacts, string path);

    /// <param name="log">The log.</param>
    /// <param name="message">A whole sentence: <see cref="StateLoad.Message"/>.</param>
    [LoggerMessage(22, LogLevel.Warning, "{Message}")]
    public static partial void StateDamaged(this ILogger log, string message);

    [LoggerMessage(23, LogLevel.Error, "The state could not be saved to {Path}.")]
    public static partial void StateNotSaved(this ILogger log, string path, Exception fault);

    /// <param name="log">The log.</param>
    /// <param name="total">Including those without a line of their own.</param>
    /// <param name="fault">The latest.</param>
    [LoggerMessage(30, LogLevel.Error, "User code threw inside the loop, which goes on; {Total} times so far.")]
    public static partial void Fault(this ILogger log, long total, Exception fault);

    /// <param name="log">The log.</param>
    /// <param name="total">With those of user code, and including those without a line of their own.</param>
    /// <param name="fault">The latest.</param>
    [LoggerMessage(
        32, LogLevel.Error, "The engine itself failed inside the loop, which goes on; {Total} faults so far.")]
    public static partial void OwnFault(this ILogger log, long total, Exception fault);

    /// <param name="log">The log.</param>
    /// <param name="count">Since the last such line.</param>
    /// <param name="total">Since the start.</param>
    [LoggerMessage(31, LogLevel.Debug, "{Count} malformed datagrams, {Total} in all.")]
    public static partial void Malformed(this ILogger log, long count, long total);

    [LoggerMessage(40, LogLevel.Debug, "The lookup of {Target} found {Found} nodes by {Queries} queries in {Elapsed}.")]
    public static partial void LookupFinished(
        this ILogger log, NodeId target, int found, int queries, TimeSpan elapsed);

    [LoggerMessage(
        50, LogLevel.Warning,
        "The system grants {Granted} of {Asked} bytes for datagrams that arrive, so bursts may be lost; {Advice}.")]
    public static partial void ReceiveBufferClipped(this ILogger log, int granted, int asked, string advice);

    [LoggerMessage(
        51, LogLevel.Warning,
        "The system grants {Granted} of {Asked} bytes for datagrams to be sent, so bursts may wait; {Advice}.")]
    public static partial void SendBufferClipped(this ILogger log, int granted, int asked, string advice);

    /// <param name="log">The log.</param>
    /// <param name="count">Since the last such line.</param>
    /// <param name="total">Since the start.</param>
    [LoggerMessage(
        52, LogLevel.Warning,
        "The system threw away {Count} datagrams because its receive buffer was full, {Total} in all.")]
    public static partial void KernelDropped(this ILogger log, long count, long total);

    [LoggerMessage(
        60, LogLevel.Warning,
        "Nobody answers the crawl any more, nor those that did before: it waits for the network to come back.")]
    public static partial void CrawlOffline(this ILogger log);

    [LoggerMessage(61, LogLevel.Information, "The crawl is answered again, and goes on.")]
    public static partial void CrawlOnline(this ILogger log);

    /// <param name="log">The log.</param>
    /// <param name="count">So far; further ones have no line of their own.</param>
    [LoggerMessage(
        62, LogLevel.Warning,
        "The system refuses to send queries of the crawl, {Count} so far: it slows down to what is let out. Does a "
            + "firewall or a missing route forbid them?")]
    public static partial void CrawlNotSent(this ILogger log, long count);

    /// <param name="log">The log.</param>
    /// <param name="nodes">The bound.</param>
    [LoggerMessage(
        63, LogLevel.Warning,
        "The crawl knows {Nodes} nodes and has no room for more: it will not be complete.")]
    public static partial void CrawlKnownSetFull(this ILogger log, long nodes);

    /// <param name="log">The log.</param>
    /// <param name="endpoint">Our socket.</param>
    /// <param name="reason">What the system said the last time.</param>
    /// <param name="count">Since the last such line.</param>
    /// <param name="total">Since the start.</param>
    [LoggerMessage(
        53, LogLevel.Warning,
        "The system refuses to send from {Endpoint} ({Reason}): {Count} datagrams, {Total} in all.")]
    public static partial void SendRefused(this ILogger log, Endpoint endpoint, string reason, long count, long total);
}
