using System.CommandLine;
using Dht.Cli.Arguments;
using Dht.Cli.Joining;
using Dht.Cli.Output;
using Dht.Engine.Testing;

namespace Dht.Cli.Crawl;

/// <summary>The arguments of <c>dht crawl</c>.</summary>
internal sealed class CrawlCommand
{
    // Half of the router's places are left to the house; docs/operating.md has the figures.
    private const long HomeRate = 300;
    private const long HomeNewDestinations = 90;

    private readonly Command _command = new("crawl", "Walks the DHT and lists the nodes that answer.");
    private readonly Option<long?> _swarm = OptionFactory.Number<long>(
        "--swarm",
        "N",
        "Crawl an embedded loopback swarm of N nodes; implies --allow-loopback, no rate limits and --until-complete.",
        1,
        LoopbackSwarm.NodesMax);

    private readonly Option<bool> _untilComplete = OptionFactory.Flag(
        "--until-complete", "Stop when everybody has been asked.");
    private readonly Option<double?> _duration = CommonOptions.Duration();
    private readonly Option<long?> _nodesMax = OptionFactory.Number<long>(
        "--max-nodes", "N", "Stop when N nodes have answered.", 1, long.MaxValue);

    private readonly Option<string?> _out = new("--out")
    {
        Description = "Write nodes to FILE.jsonl or FILE.csv, or as JSON lines to standard output (-).",
        HelpName = "FILE",
    };
    private readonly Option<bool> _append = OptionFactory.Flag(
        "--append", "Add nodes to an output file that is there already.");
    private readonly Option<bool> _overwrite = OptionFactory.Flag(
        "--overwrite", "Replace what is in an output file that is there already.");
    private readonly Option<long?> _rate = OptionFactory.Number<long>(
        "--rate", "N", "Packets sent per second, 0 = no limit (default 2000).", 0, 100_000_000);

    private readonly Option<long?> _newDestinations = OptionFactory.Number<long>(
        "--new-destinations",
        "N",
        "Endpoints never contacted before, per second, 0 = no limit (default 500).",
        0,
        100_000_000);

    private readonly Option<bool> _home = OptionFactory.Flag(
        "--home",
        "For a home router with 8,192 places for connections: "
            + $"--rate {HomeRate} --new-destinations {HomeNewDestinations}.");

    private readonly Option<long?> _retries = OptionFactory.Number<long>(
        "--retries", "N", "How often a silent node is asked again (default 1; 2 for a swarm with --loss).", 0, 7);

    private readonly NetworkOptions _network;
    private readonly SwarmOptions _swarmParts;
    private readonly OutputOptions _output;

    private CrawlCommand()
    {
        foreach (Option option in (ReadOnlySpan<Option>)
            [_swarm, _untilComplete, _duration, _nodesMax, _out, _append, _overwrite])
        {
            _command.Options.Add(option);
        }

        _swarmParts = new SwarmOptions(_command, withPort: false);
        _network = new NetworkOptions(
            _command, "Local socket (default 0.0.0.0:0; with --swarm 127.0.0.1:0).", 0, joins: true);
        _command.Options.Add(_rate);
        _command.Options.Add(_newDestinations);
        _command.Options.Add(_home);
        _command.Options.Add(_retries);
        _output = new OutputOptions(_command, logs: true);
        _command.SetAction((parsed, _) => CrawlSession.RunAsync(Read(parsed)));
    }

    public static Command Create() => new CrawlCommand()._command;

    private CrawlSettings Read(ParseResult parsed)
    {
        NetworkSettings network = _network.Read(parsed);
        string? path = parsed.GetValue(_out);
        NodeFormat? format = path == null ? null : NodeFile.FormatFor(path);
        OutputSettings output = _output.Read(parsed);
        if (path != null && format == null)
        {
            throw new UsageException(
                $"--out takes a file that ends in .jsonl or .csv, or - for standard output, not '{path}'");
        }

        if (path == NodeFileOpener.StandardOutputName && output.Json)
        {
            throw new UsageException("--out - and --json both want standard output");
        }

        LoopbackSwarmOptions? swarm = parsed.GetValue(_swarm) is { } nodes
            ? _swarmParts.Read(parsed, (int)nodes)
            : null;
        bool isHome = parsed.GetValue(_home);
        CheckTogether(swarm, network, _swarmParts.FirstGiven(parsed));
        return new CrawlSettings
        {
            Network = network with { AllowLoopback = network.AllowLoopback || swarm != null },
            Output = output,
            Swarm = swarm,
            Rate = parsed.GetValue(_rate) ?? (isHome ? HomeRate : null),
            NewDestinations = parsed.GetValue(_newDestinations) ?? (isHome ? HomeNewDestinations : null),
            Retries = parsed.GetValue(_retries),
            UntilComplete = parsed.GetValue(_untilComplete) || swarm != null,
            Duration = CommonOptions.ToSpan(parsed.GetValue(_duration)),
            NodesMax = parsed.GetValue(_nodesMax) ?? 0,
            OutPath = path,
            OutFormat = format,
            Existing = ReadExisting(path, parsed.GetValue(_append), parsed.GetValue(_overwrite)),
        };
    }

    private static ExistingRows ReadExisting(string? path, bool append, bool overwrite) =>
        (path, append, overwrite) switch
        {
            (_, true, true) => throw new UsageException("--append and --overwrite exclude each other"),
            (null, true, _) => throw new UsageException("--append needs --out FILE"),
            (null, _, true) => throw new UsageException("--overwrite needs --out FILE"),
            (_, true, _) => ExistingRows.Append,
            (_, _, true) => ExistingRows.Overwrite,
            _ => ExistingRows.Refuse,
        };

    private static void CheckTogether(LoopbackSwarmOptions? swarm, NetworkSettings network, string? swarmPart)
    {
        if (swarm == null && swarmPart != null)
        {
            throw new UsageException($"{swarmPart} describes a swarm; it needs --swarm N");
        }

        if (swarm != null && network.Bootstrap.Count > 0)
        {
            throw new UsageException("--swarm and --bootstrap exclude each other");
        }

        if (swarm != null && network.Bind is { IsIPv6: true, UpperBits: not 0 } or { IsIPv6: true, LowerBits: not 0 })
        {
            throw new UsageException("--swarm lies at IPv4 addresses; --bind an IPv4 address");
        }

        if (swarm == null && network.Bootstrap.Count == 0 && network.Bind is { } bind && SocketChoice.IsLocal(bind))
        {
            throw new UsageException(
                "from a loopback address no public router can be reached; name nodes with --bootstrap");
        }
    }
}
