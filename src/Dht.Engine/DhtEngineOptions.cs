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
    /// The local address and port; port 0 lets the system choose. 0.0.0.0 is IPv4 alone, [::] both families, anything
    /// else that address alone. An IPv4 address inside an IPv6 one is taken as the IPv4 address.
    /// </summary>
    public Endpoint Bind { get; init; } = Endpoint.FromIPv4(0, 0);

    /// <summary>Which transport carries the datagrams.</summary>
    public TransportKind Transport { get; init; } = TransportKind.Auto;

    /// <summary>Creates the transport, instead of the two above: for programs that share their UDP port.</summary>
    public Func<IDatagramTransport>? CreateTransport { get; init; }

    /// <summary>Where packets may go.</summary>
    public IAddressPolicy AddressPolicy { get; init; } = Addressing.AddressPolicy.Public;

    /// <summary>
    /// Ordinary nodes to join through, asked whenever the routing table is empty; they enter it when they answer.
    /// Names are resolved side by side when the engine starts, and again every minute while no contact is known; a
    /// start with contacts of an earlier run asks these first. What a name stood for before is forgotten. With the
    /// routers at most 64 addresses.
    /// </summary>
    public IReadOnlyList<HostPort> Bootstrap { get; init; } = [];

    /// <summary>
    /// Public routers to join through; set it to <see cref="BootstrapNodes.Public"/> to join the public DHT. They
    /// serve everybody and would crowd every table, so they never enter it. Names are resolved as those of
    /// <see cref="Bootstrap"/>.
    /// </summary>
    public IReadOnlyList<HostPort> Routers { get; init; } = [];

    /// <summary>
    /// A file to keep the node's ids and contacts in; null keeps nothing. It is read at the start, if it is there,
    /// and written every five minutes (task <see cref="DhtEngine.StateSaving"/>) and at the stop. A damaged one is
    /// renamed and a warning is logged. Ids set in <see cref="Node"/> win over those in the file.
    /// </summary>
    /// <remarks>
    /// From start to stop it is this engine's alone, by a lock on NAME.lock beside it. <see cref="DhtEngine.Start"/>
    /// fails with a <see cref="StateFileException"/> when another has it, when it could not be written, or when what is
    /// there is no state or a newer version's; such a file is left as it is.
    /// </remarks>
    public string? StatePath { get; init; }

    /// <summary>
    /// Notified of what came of reading <see cref="StatePath"/>: loaded, missing, or damaged and renamed. Called once
    /// by <see cref="DhtEngine.Start"/>, on its thread, before anything is bound; it must not start or stop the
    /// engine.
    /// </summary>
    /// <remarks>
    /// The argument is immutable and yours to keep. What the handler throws is reported to <see cref="OnFault"/>.
    /// </remarks>
    public Action<StateLoad>? OnStateLoaded { get; init; }

    /// <summary>
    /// Notified of what came of each attempt to write <see cref="StatePath"/>, success or failure; the latest is in
    /// <see cref="DhtEngine.LastStateSave"/>, too. Called one at a time, on a thread of the pool. The last call comes
    /// before <see cref="DhtEngine.StopAsync"/> completes, which waits for it.
    /// </summary>
    /// <remarks>
    /// The argument is immutable and yours to keep. What the handler throws is reported to <see cref="OnFault"/>.
    /// </remarks>
    public Action<StateSave>? OnStateSaved { get; init; }

    /// <summary>Settings of the node.</summary>
    public NodeOptions Node { get; init; } = new();

    /// <summary>
    /// Takes datagrams that are not KRPC messages; null drops and counts them. Called from the loop's thread.
    /// </summary>
    public IDatagramReceiver? ForeignReceiver { get; init; }

    /// <summary>
    /// Notified of exceptions that user code threw inside the engine, which goes on. Called from the loop's thread;
    /// for what <see cref="OnStateLoaded"/> and <see cref="OnStateSaved"/> throw, from theirs. What it throws in its
    /// turn is only counted.
    /// </summary>
    public Action<Exception>? OnFault { get; init; }

    /// <summary>
    /// Creates the logger, of the category <c>Dht.Engine.DhtEngine</c>; null logs nothing. It is called from the
    /// loop's thread, so it must not wait; what it throws is ignored. Nothing is logged for each packet.
    /// </summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>
    /// Creates the meter <c>Dht.Engine</c>, which then lives as long as the factory and is silent while the engine is
    /// stopped; null creates one that is gone when the engine stops. Either way
    /// <see cref="System.Diagnostics.Metrics.MeterListener"/> and its like see it.
    /// </summary>
    public IMeterFactory? MeterFactory { get; init; }

    /// <summary>The clock; null is the machine's.</summary>
    public IClock? Clock { get; init; }

    /// <summary>
    /// The random source; null is the system's cryptographic one. The engine uses it from one thread at a time.
    /// </summary>
    public IRandomSource? Random { get; init; }

    /// <summary>The most calls from other threads that wait for the loop.</summary>
    public int MailboxCapacity { get; init; } = 1024;

    internal void Validate()
    {
        if (Bind.Family == IpFamily.None)
        {
            throw new ArgumentException(
                "Bind is not an address; 0.0.0.0:0 takes any port of IPv4, [::]:0 of both families.", nameof(Bind));
        }

        if (!Enum.IsDefined(Transport))
        {
            throw new ArgumentOutOfRangeException(
                nameof(Transport), Transport, "The transport is to be Auto, Ring or Batch.");
        }

        if (StatePath != null && string.IsNullOrWhiteSpace(StatePath))
        {
            throw new ArgumentException(
                "StatePath is empty; name a file, or leave it null to keep nothing.", nameof(StatePath));
        }

        ArgumentNullException.ThrowIfNull(AddressPolicy);
        ArgumentNullException.ThrowIfNull(Node);
        ArgumentOutOfRangeException.ThrowIfLessThan(MailboxCapacity, 1);
        ThrowIfIncomplete(Bootstrap);
        ThrowIfIncomplete(Routers);
        int addresses = Bootstrap.Concat(Routers).Where(static entry => entry.IsAddress).Distinct().Count();
        if (addresses > MainlineNode.EntriesMax)
        {
            throw new ArgumentException(
                $"{nameof(Routers)} and {nameof(Bootstrap)} have {addresses} addresses; name at most "
                    + $"{MainlineNode.EntriesMax} together.",
                nameof(Bootstrap));
        }

        Node.Validate();
    }

    private static void ThrowIfIncomplete(
        IReadOnlyList<HostPort> entries, [CallerArgumentExpression(nameof(entries))] string? name = null)
    {
        ArgumentNullException.ThrowIfNull(entries, name);
        foreach (HostPort entry in entries)
        {
            if (!entry.IsComplete)
            {
                throw new ArgumentException(
                    $"'{entry}' in {name} cannot be asked; an entry needs a host and a port.", name);
            }
        }
    }
}
