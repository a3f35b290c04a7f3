using System.Globalization;
using System.Text.Json;
using Dht.Engine.Addressing;
using Dht.Engine.Bench.Load.Generator;
using Dht.Engine.Bench.Load.Machine;
using Dht.Engine.Bench.Load.Sections;
using Dht.Engine.Bench.Load.Servers;
using Dht.Engine.Testing;

namespace Dht.Engine.Bench.Load;

/// <summary>
/// One run: the swarm, the generator and all servers, alive from the start to the end and measured one at a time. A
/// server that is not asked sleeps.
/// </summary>
internal sealed class LoadSession : IAsyncDisposable
{
    private const double WarmUpSeconds = 0.5;
    private const int DefaultSenders = 4;
    private const int ProbesMax = 25;
    private const double StrangersMax = 0.1;
    private const string Unmeasured = "none of the sections measures it";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly JsonSerializerOptions JsonShape = new() { WriteIndented = true };

    private readonly List<LoadServer> _servers = [];
    private readonly List<LoadRecord> _records = [];
    private readonly LoopbackSwarm _swarm;
    private readonly ChildProcess _generator;

    private LoadSession(LoadOptions options, CancellationToken stop)
    {
        Options = options;
        Stop = stop;
        _swarm = LoopbackSwarm.Start(new LoopbackSwarmOptions { Nodes = options.SwarmNodes });
        _generator = ChildProcess.StartSelf("generator", ProcessorCores.Generator, LoadGenerator.Name);
    }

    public LoadOptions Options { get; }

    public CancellationToken Stop { get; }

    /// <summary>Those that take part, in the order of their turns.</summary>
    public IReadOnlyList<LoadServer> Servers => _servers;

    /// <summary>
    /// Starts everything, and has every server answer for a while, so that it is compiled as it will stay.
    /// </summary>
    public static async Task<LoadSession> StartAsync(LoadOptions options, CancellationToken stop)
    {
        if (ProcessorCores.Notice is { } notice)
        {
            Console.Out.WriteLine(notice);
        }

        var session = new LoadSession(options, stop);
        try
        {
            await session.StartServersAsync().ConfigureAwait(false);
            return session;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public LoadServer? Find(string name) => _servers.Find(server => server.Name == name);

    /// <summary>All measurements of a server in a section, by round.</summary>
    public IReadOnlyList<LoadFigures> FiguresOf(string section, string server) =>
        [.. _records.Where(record => record.Section == section && record.Server == server)
            .Select(static record => record.Figures)];

    /// <summary>Says so when others than server and load had work to do while a section was measured.</summary>
    public void WarnOfStrangers(string section)
    {
        double[] cores = [.. _records.Where(record => record.Section == section)
            .Select(static record => record.Figures.StrangerCores)];
        if (cores.Length > 0 && cores.Max() > StrangersMax)
        {
            Console.Out.WriteLine();
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"Disturbed: other processes used {Statistics.Median(cores):F2} cores in the middle and "
                    + $"{cores.Max():F2} at worst."));
        }
    }

    /// <summary>Lets a server answer as much as it can, for the time of the options.</summary>
    public Task<LoadFigures> MeasureMostAsync(string section, LoadServer server, int round) =>
        MeasureAsync(section, server, round, OrderFor(server));

    /// <summary>Asks a server at an even rate, for the time of the options.</summary>
    public Task<LoadFigures> MeasureAtRateAsync(string section, LoadServer server, int round, double rate) =>
        MeasureAsync(section, server, round, OrderFor(server) with { Rate = rate });

    public async Task<LoadFigures> MeasureAsync(string section, LoadServer server, int round, LoadOrder order)
    {
        LoadFigures figures = await CarryAsync(order).ConfigureAwait(false);
        if (figures.Answered == 0)
        {
            throw new LoadFailureException($"{server.Name} no longer answers");
        }

        _records.Add(new LoadRecord(section, server.Name, round, order, figures));
        Console.Error.WriteLine(
            $"{section}, round {round}: {server.Name}: {figures.AnswersPerSecond:N0} answers/s, "
            + $"{figures.AnsweredPercent:F2} %, server {figures.ServerCores:F3} cores, "
            + $"load {figures.GeneratorCores:F2}, others {figures.StrangerCores:F2}");
        return figures;
    }

    public LoadOrder OrderFor(LoadServer server) => new()
    {
        Server = server.Endpoint.ToString(),
        ServerProcess = server.ProcessId,
        Senders = Options.Senders ?? DefaultSenders,
        Window = Options.Window,
        WarmUp = WarmUpSeconds,
        Seconds = Options.Seconds,
        Yields = ProcessorCores.Generator == null,
    };

    /// <summary>Writes every measurement to the file of the options, if there is one.</summary>
    public void WriteJson()
    {
        if (Options.JsonPath is { } path)
        {
            File.WriteAllText(path, JsonSerializer.Serialize(_records, JsonShape));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (LoadServer server in _servers)
        {
            await server.DisposeAsync().ConfigureAwait(false);
        }

        await _generator.DisposeAsync().ConfigureAwait(false);
        await _swarm.DisposeAsync().ConfigureAwait(false);
    }

    private async Task StartServersAsync()
    {
        if (_swarm.Notice is { } notice)
        {
            Console.Out.WriteLine(notice);
        }

        var launcher = new ServerLauncher(_swarm, Options.Family);
        bool isSizeKnown = false;
        foreach (string name in Options.Servers)
        {
            string? reason = IsMeasured(name) ? launcher.WhyNot(name) : Unmeasured;
            if (reason != null)
            {
                Console.Out.WriteLine($"{name} is left out: {reason}.");
                continue;
            }

            double size = await AddAsync(await launcher.StartAsync(name, Stop).ConfigureAwait(false))
                .ConfigureAwait(false);
            if (ServerNames.IsNode(name) && !isSizeKnown)
            {
                // The nodes come first, and the bare servers answer as many bytes as they do.
                isSizeKnown = true;
                launcher.ReplySize = (int)Math.Round(size);
            }
        }

        foreach (ExternalServer external in Options.Externals)
        {
            string? reason = !IsMeasured(external.Name) ? Unmeasured
                : Options.Family == IpFamily.IPv6 || OperatingSystem.IsWindows()
                    ? "externals are asked over IPv4 and need a Unix shell"
                : null;
            if (reason != null)
            {
                Console.Out.WriteLine($"{external.Name} is left out: {reason}.");
                continue;
            }

            await AddAsync(await launcher.StartAsync(external, Stop).ConfigureAwait(false)).ConfigureAwait(false);
        }
    }

    private bool IsMeasured(string server) => Options.Sections.Any(section => section.Measures(server));

    /// <summary>Lets a server take part once it answers.</summary>
    /// <returns>Bytes of its answers.</returns>
    private async Task<double> AddAsync(LoadServer server)
    {
        _servers.Add(server);
        LoadOrder order = OrderFor(server) with { WarmUp = 0, Seconds = 0.2 };
        for (int i = 0; i < ProbesMax; i++)
        {
            if ((await CarryAsync(order).ConfigureAwait(false)).Answered > 0)
            {
                LoadFigures figures = await CarryAsync(order with { Seconds = 2 }).ConfigureAwait(false);
                Console.Error.WriteLine($"{server.Name} at {server.Endpoint}, process {server.ProcessId}, answers "
                    + $"{figures.ReplySize:F1} bytes");
                return figures.ReplySize;
            }
        }

        throw new LoadFailureException($"{server.Name} does not answer at {server.Endpoint}");
    }

    private async Task<LoadFigures> CarryAsync(LoadOrder order)
    {
        await _generator.TellAsync(JsonSerializer.Serialize(order)).ConfigureAwait(false);

        // A server that allocates must not be waited for for ever, so a number of answers has a time too.
        TimeSpan timeout = Patience + TimeSpan.FromSeconds(order.WarmUp + order.Seconds + (order.Answers / 1_000.0));
        string line = await _generator.ListenAsync(timeout, Stop).ConfigureAwait(false);
        return JsonSerializer.Deserialize<LoadFigures>(line)!;
    }
}
