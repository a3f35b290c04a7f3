using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Dht.Engine.Addressing;
using Dht.Engine.Node;
using Dht.Engine.Randomness;
using Dht.Engine.Timing;
using Dht.Engine.Transport;
using Microsoft.Extensions.Logging;

namespace Dht.Engine;

/// <summary>Settings of a <see cref="DhtEngine"/>.</summary>
public sealed record DhtEngineOptions
{
    /// <summary>
    /// The local address and port; port 0 lets the system choose. 0.0.0.0 is IPv4 alone, [::] both families, anything else that
    /// address alone.
    /// </summary>
    public Endpoint Bind { get; init; } = Endpoint.FromIPv4(0, 0);

    /// <summary>Which transport carries the datagrams.</summary>
    public TransportKind Transport { get; init; } = TransportKind.Auto;

    /// <summary>Makes the transport, instead of the two above: for programs that share their UDP port.</summary>
    public Func<IDatagramTransport>? CreateTransport { get; init; }

    /// <summary>Where packets may go.</summary>
    public IAddressPolicy AddressPolicy { get; init; } = Addressing.AddressPolicy.Public;

    /// <summary>
    /// Ordinary nodes to join through, asked whenever the routing table is empty; they enter it when they answer. With the routers at
    /// most 64.
    /// </summary>
    public IReadOnlyList<Endpoint> Bootstrap { get; init; } = [];

    /// <summary>
    /// Public routers to join through (<see cref="BootstrapNodes.Public"/>). They serve everybody and would crowd every table, so
    /// they never enter it.
    /// </summary>
    public IReadOnlyList<Endpoint> Routers { get; init; } = [];

    /// <summary>
    /// Ordinary nodes to join through, as HOST:PORT. Names are resolved side by side when the engine starts, and again every minute while
    /// nobody is known.
    /// </summary>
    public IReadOnlyList<string> BootstrapHosts { get; init; } = [];

    /// <summary>Public routers to join through, as HOST:PORT; set it to <see cref="BootstrapNodes.Public"/> to join the public DHT.</summary>
    public IReadOnlyList<string> RouterHosts { get; init; } = [];

    /// <summary>
    /// A file to keep the node's ids and contacts in; null keeps nothing. It is read at the start, if it is there, and written every
    /// five minutes (task <see cref="DhtEngine.StateSaving"/>) and at the stop. A damaged one is put aside and told of in the log.
    /// Ids set in <see cref="Node"/> win over those in the file.
    /// </summary>
    public string? StatePath { get; init; }

    /// <summary>Settings of the node.</summary>
    public NodeOptions Node { get; init; } = new();

    /// <summary>Takes datagrams that are no KRPC messages; null drops and counts them. Called from the loop's thread.</summary>
    public IDatagramReceiver? ForeignReceiver { get; init; }

    /// <summary>Told of exceptions that user code threw inside the loop, which goes on. Called from the loop's thread.</summary>
    public Action<Exception>? OnFault { get; init; }

    /// <summary>
    /// Makes the logger, of the category <c>Dht.Engine.DhtEngine</c>; null logs nothing. It is called from the loop's thread, so it
    /// must not wait; what it throws is ignored. Nothing is logged for each packet.
    /// </summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>
    /// Makes the meter <c>Dht.Engine</c>, which then lives as long as the factory and is silent while the engine is stopped; null
    /// makes one that is gone when the engine stops. Either way <see cref="System.Diagnostics.Metrics.MeterListener"/> and its like
    /// see it.
    /// </summary>
    public IMeterFactory? MeterFactory { get; init; }

    /// <summary>The clock; null is the machine's.</summary>
    public IClock? Clock { get; init; }

    /// <summary>The random source; null is the system's cryptographic one. The engine uses it from one thread at a time.</summary>
    public IRandomSource? Random { get; init; }

    /// <summary>The most calls from other threads that wait for the loop.</summary>
    public int MailboxCapacity { get; init; } = 1024;

    internal void Validate()
    {
        if (Bind.Family == IpFamily.None)
        {
            throw new ArgumentException("Bind is no address; 0.0.0.0:0 takes any port of IPv4, [::]:0 of both families.", nameof(Bind));
        }

        if (!Enum.IsDefined(Transport))
        {
            throw new ArgumentOutOfRangeException(nameof(Transport), Transport, "The transport is to be Auto, Ring or Batch.");
        }

        if (StatePath != null && string.IsNullOrWhiteSpace(StatePath))
        {
            throw new ArgumentException("StatePath is empty; name a file, or leave it null to keep nothing.", nameof(StatePath));
        }

        ArgumentNullException.ThrowIfNull(AddressPolicy);
        ArgumentNullException.ThrowIfNull(Node);
        ArgumentOutOfRangeException.ThrowIfLessThan(MailboxCapacity, 1);
        ThrowIfNoAddress(Bootstrap);
        ThrowIfNoAddress(Routers);
        if (Bootstrap.Concat(Routers).Distinct().Count() > MainlineNode.EntriesMax)
        {
            throw new ArgumentException(
                $"Routers and {nameof(Bootstrap)} have {Bootstrap.Count + Routers.Count} endpoints; name at most {MainlineNode.EntriesMax} together.",
                nameof(Bootstrap));
        }

        ArgumentNullException.ThrowIfNull(BootstrapHosts);
        ArgumentNullException.ThrowIfNull(RouterHosts);
        BootstrapNodes.Check([.. BootstrapHosts, .. RouterHosts]);
        Node.Validate();
    }

    private static void ThrowIfNoAddress(IReadOnlyList<Endpoint> entries, [CallerArgumentExpression(nameof(entries))] string? name = null)
    {
        ArgumentNullException.ThrowIfNull(entries, name);
        foreach (Endpoint entry in entries)
        {
            if (entry.Family == IpFamily.None || entry.Port == 0)
            {
                throw new ArgumentException($"'{entry}' in {name} cannot be asked; an entry needs an address and a port.", name);
            }
        }
    }
}
