using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Node;
using Dht.Engine.Routing;
using Dht.Engine.Timing;
using Dht.Engine.Transport;
using Microsoft.Extensions.Logging;

namespace Dht.Engine;

/// <summary>
/// A DHT node on a socket, with a loop thread of its own, and the crawls that run over it: the face for programs that
/// embed it.
/// </summary>
/// <remarks>All members are thread-safe. Start it, await what it does, dispose it.</remarks>
public sealed partial class DhtEngine : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly DhtEngineOptions _options;
    private readonly NodeExtensions _extensions = new();
    private readonly ILogger _log;
    private readonly EngineMeter _meter;
    private readonly StateKeeper? _state;
    private volatile EngineLoop? _loop;
    private Task _ended = Task.CompletedTask;

    /// <summary>
    /// The task that writes the state to <see cref="DhtEngineOptions.StatePath"/>, every five minutes.
    /// </summary>
    public const string StateSaving = "state-saving";

    /// <summary>
    /// The task that looks every five seconds whether no contact is known, and then, once a minute, resolves the names
    /// among <see cref="DhtEngineOptions.Bootstrap"/> and <see cref="DhtEngineOptions.Routers"/> again.
    /// </summary>
    public const string HostResolution = "host-resolution";

    /// <summary>Creates an engine that is not started yet.</summary>
    /// <exception cref="ArgumentException">An option is out of its range, or a table is null.</exception>
    public DhtEngine(DhtEngineOptions? options = null)
    {
        _options = options ?? new DhtEngineOptions();
        _options.Validate();
        _log = EngineLog.Create(_options.LoggerFactory);
        _meter = new EngineMeter(_options.MeterFactory);
        if (_options.StatePath != null)
        {
            _state = new StateKeeper(_options.StatePath, _options, _log);
            _extensions.Tasks.Add(StateSaving, TimeSpan.FromMinutes(5), _state.SaveSoon);
        }

        _extensions.Tasks.Add(HostResolution, TimeSpan.FromSeconds(5), ResolveWhileAlone);
    }

    /// <summary>Creates an engine with a routing table of your own; it is not started yet.</summary>
    /// <param name="table">
    /// Added to <see cref="NodeOptions.Tables"/>; used by the loop's thread from the start to the stop.
    /// </param>
    /// <param name="options">The other settings.</param>
    /// <exception cref="ArgumentException">
    /// An option is out of its range, or there are two tables for one family.
    /// </exception>
    public DhtEngine(IRoutingTable table, DhtEngineOptions? options = null)
        : this(WithTable(table, options ?? new DhtEngineOptions()))
    {
    }

    /// <summary>Whether it is started and its loop is alive.</summary>
    public bool IsRunning => _loop is { IsStopped: false };

    /// <summary>
    /// Completes when the engine stops. It fails when the loop itself failed, which only a broken transport or clock
    /// can cause; user code that throws inside the loop does not end it.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is not started.</exception>
    public Task Completion => Running().Stopped;

    /// <summary>Where it is bound; the port is the real one.</summary>
    /// <exception cref="InvalidOperationException">It is not started.</exception>
    public Endpoint LocalEndpoint => Running().LocalEndpoint;

    /// <summary>The id of its node.</summary>
    /// <exception cref="InvalidOperationException">It is not started.</exception>
    public NodeId Id => Running().Node.Id;

    /// <summary>What it has done since it was started.</summary>
    /// <exception cref="InvalidOperationException">It is not started.</exception>
    public DhtEngineCounters Counters => Running().Counters;

    /// <summary>
    /// What came of the latest attempt to save the state, of this run or an earlier one: the failure is here as well.
    /// Null before the first, and without <see cref="DhtEngineOptions.StatePath"/>. May be read whether it is started
    /// or not.
    /// </summary>
    public StateSave? LastStateSave => _state?.LastSave;

    /// <summary>
    /// Binds the socket and starts the loop. May be called again after a failure, and after <see cref="StopAsync"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is started already.</exception>
    /// <exception cref="StateFileException">
    /// <see cref="DhtEngineOptions.StatePath"/> cannot be used: another has it, it cannot be read or written, or it is
    /// no state of ours. The file is as it was.
    /// </exception>
    /// <exception cref="System.Net.Sockets.SocketException">The address is not ours, or the port is taken.</exception>
    public void Start()
    {
        lock (_gate)
        {
            if (_loop != null)
            {
                throw new InvalidOperationException("The engine is started already; stop it before starting it again.");
            }

            if (!_ended.IsCompleted)
            {
                throw new InvalidOperationException(
                    "The engine is still stopping; await StopAsync before starting it again.");
            }

            var faults = new UserFaults(_options.OnFault, _log);
            IDatagramTransport? transport = null;
            try
            {
                NodeState? state = _state?.Open(faults);
                transport = CreateTransport();
                EngineLoop loop = CreateLoop(transport, state, faults);

                // First: user code that the loop calls at once may call the engine.
                _loop = loop;
                loop.Start();

                // Contacts of an earlier run are asked first: no name server need know that we start again.
                if (state is not { Contacts.Count: > 0 })
                {
                    _ = loop.Hosts.ResolveAsync();
                }
            }
            catch
            {
                _loop = null;
                _meter.Close();
                transport?.Dispose();
                _state?.Close();
                throw;
            }
        }
    }

    /// <summary>
    /// Stops the loop and frees the port. A crawl under way ends with what it has gathered. Does nothing when it is
    /// not started. From inside the loop it only asks for the end, because the loop cannot wait for itself.
    /// </summary>
    /// <remarks>
    /// Every caller waits for the same end, so that the port is free and the state is saved when the task completes.
    /// After a stop from inside the loop, another call from elsewhere waits for that end.
    /// </remarks>
    public async Task StopAsync()
    {
        EngineLoop? loop;
        Task ended;
        lock (_gate)
        {
            loop = _loop;
            _loop = null;
            _ended = loop == null ? _ended : EndAsync(loop);
            ended = _ended;
        }

        loop?.RequestStop();
        if (loop is not { IsOnThread: true })
        {
            await ended.ConfigureAwait(false);
        }
    }

    /// <summary>Stops it.</summary>
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    private static DhtEngineOptions WithTable(IRoutingTable table, DhtEngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        return options with { Node = options.Node with { Tables = [.. options.Node.Tables, table] } };
    }

    private static DhtEngineOptions WithIds(DhtEngineOptions options, NodeState? state) => state == null
        ? options
        : options with
        {
            Node = options.Node with
            {
                Id = options.Node.Id ?? state.IdIPv4 ?? state.IdIPv6,
                IdIPv6 = options.Node.IdIPv6 ?? (options.Node.Id == null ? state.IdIPv6 : null),
            },
        };

    private IDatagramTransport CreateTransport() => _options.CreateTransport == null
        ? DatagramTransport.Bind(_options.Bind.Unmap(), _options.Transport)
        : _options.CreateTransport()
            ?? throw new InvalidOperationException("DhtEngineOptions.CreateTransport returned no transport.");

    private EngineLoop CreateLoop(IDatagramTransport transport, NodeState? state, UserFaults faults)
    {
        var telemetry = new LoopTelemetry(_meter, _log);
        var loop = new EngineLoop(WithIds(_options, state), transport, _extensions, telemetry, _log, faults);
        if (state != null)
        {
            loop.Node.AddSaved(state);
        }

        return loop;
    }

    private void ResolveWhileAlone(IMainlineNode node, Instant now)
    {
        if (node.ContactCount == 0 && _loop is { } loop)
        {
            loop.Hosts.ResolveIfDue(now);
        }
    }

    private async Task EndAsync(EngineLoop loop)
    {
        // What ended a loop by itself is reported by Completion; it must not hide an exception of the caller's own.
        await loop.Stopped.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_state != null && loop.FinalState is { } state)
        {
            await _state.SaveLastAsync(state, loop.EndedAt).ConfigureAwait(false);
        }

        _state?.Close();
    }

    private EngineLoop Running() =>
        _loop ?? throw new InvalidOperationException("The engine is not started; call Start first.");
}
