using System.CommandLine;
using Dht.Engine.Node;
using static Dht.Tools.Arguments.OptionFactory;

namespace Dht.Engine.Bench.Simulation;

/// <summary>The options of <see cref="SimulateSettings"/>.</summary>
internal sealed class SimulateArguments
{
    private const double SecondsMax = 86_400;
    private const string Peers = "peers";

    private readonly Option<int> _nodes = Number("--nodes", "N", "How many join.", 2, 1_000_000, 10_000);
    private readonly Option<double> _dead = Number(
        "--dead", "PERCENT", "How many of them die before the lookups.", 0.0, 99, 30);
    private readonly Option<double> _loss = Number("--loss", "PERCENT", "Datagrams lost.", 0.0, 99, 3);
    private readonly Option<int> _lookups = Number(
        "--lookups", "N", "How many, by live nodes that chance chooses, side by side.", 1, 1_000_000, 1000);
    private readonly Option<ulong> _seed = Number(
        "--seed", "S", "All that chance decides follows from it.", 0UL, ulong.MaxValue, 1UL);
    private readonly Option<double> _rtt = Number(
        "--rtt", "MS", "The median round trip of a pair, in milliseconds.", 0.001, 60_000, 100);
    private readonly Option<double> _sigma = Number(
        "--sigma", "SIGMA", "The standard deviation of its logarithm.", 0.0, 2, 0.5);
    private readonly Option<double> _jitter = Number(
        "--jitter", "PERCENT", "How much a round trip of one pair varies.", 0.0, 100, 0);
    private readonly Option<int> _window = Number(
        "--window", "N", "How many of the nearest candidates a lookup asks at once.", 0, 32, 16);
    private readonly Option<int> _repeats = Number(
        "--repeats", "N", "How often a lookup asks a silent node again.", 0, 4, 3);
    private readonly Option<double> _join = Number(
        "--join", "S", "The time over which the nodes join, in seconds.", 0.0, SecondsMax, 300);
    private readonly Option<double> _settle = Number(
        "--settle", "S", "The time after that, in seconds.", 0.0, SecondsMax, 300);
    private readonly Option<double> _spread = Number(
        "--spread", "S", "The time over which the lookups begin, in seconds.", 0.0, SecondsMax, 10);
    private readonly Option<string> _kind = Choice("--kind", "What is looked up: nodes or peers.", "find", Peers);

    /// <param name="command">Gets the options.</param>
    public SimulateArguments(Command command)
    {
        foreach (Option option in (ReadOnlySpan<Option>)
            [_nodes, _dead, _loss, _lookups, _seed, _rtt, _sigma, _jitter, _window, _repeats, _join, _settle, _spread,
                _kind])
        {
            command.Options.Add(option);
        }
    }

    public SimulateSettings Read(ParseResult parsed) => new()
    {
        Nodes = parsed.GetValue(_nodes),
        Dead = parsed.GetValue(_dead) / 100,
        Loss = parsed.GetValue(_loss) / 100,
        Lookups = parsed.GetValue(_lookups),
        Seed = parsed.GetValue(_seed),
        Rtt = parsed.GetValue(_rtt),
        Sigma = parsed.GetValue(_sigma),
        Jitter = parsed.GetValue(_jitter) / 100,
        Window = parsed.GetValue(_window),
        Repeats = parsed.GetValue(_repeats),
        Join = parsed.GetValue(_join),
        Settle = parsed.GetValue(_settle),
        Spread = parsed.GetValue(_spread),
        Kind = parsed.GetValue(_kind) == Peers ? LookupKind.GetPeers : LookupKind.FindNode,
    };
}
