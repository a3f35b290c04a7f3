using System.Globalization;

namespace Dht.Engine.Bench.Simulation;

/// <summary>What <c>simulate</c> is told on the command line.</summary>
internal sealed class SimulateSettings
{
    public const string Usage = """
        simulate [--nodes 10000] [--dead 30] [--loss 3] [--lookups 1000] [--seed 1] [--rtt 100] [--sigma 0.5] [--jitter 0]
                 [--window 16] [--repeats 3] [--join 300] [--settle 300] [--spread 10] [--kind find|peers]

        nodes    how many join                      dead    percent of them that die before the lookups
        loss     percent of datagrams lost          lookups how many, each of another live node, side by side
        rtt      median round trip of a pair, ms    sigma   of its logarithm
        join     seconds over which they join       settle  seconds after that
        spread   seconds over which the lookups begin
        """;

    private readonly Dictionary<string, string> _values = [];

    public SimulateSettings(string[] args)
    {
        string[] known = ["nodes", "dead", "loss", "lookups", "seed", "rtt", "sigma", "jitter", "window", "repeats", "join", "settle", "spread", "kind"];
        for (int i = 0; i < args.Length; i += 2)
        {
            string name = args[i].StartsWith("--", StringComparison.Ordinal) ? args[i][2..] : "";
            if (!known.Contains(name) || i + 1 == args.Length)
            {
                throw new ArgumentException($"'{args[i]}' is not understood.");
            }

            _values[name] = args[i + 1];
        }
    }

    public int Nodes => (int)Number("nodes", 10_000);

    public double Dead => Number("dead", 30) / 100;

    public double Loss => Number("loss", 3) / 100;

    public int Lookups => (int)Number("lookups", 1000);

    public ulong Seed => (ulong)Number("seed", 1);

    public double Rtt => Number("rtt", 100);

    public double Sigma => Number("sigma", 0.5);

    public double Jitter => Number("jitter", 0) / 100;

    public int Window => (int)Number("window", 16);

    public int Repeats => (int)Number("repeats", 3);

    public double Join => Number("join", 300);

    public double Settle => Number("settle", 300);

    public double Spread => Number("spread", 10);

    public bool OfPeers => _values.GetValueOrDefault("kind") == "peers";

    private double Number(string name, double otherwise) =>
        _values.TryGetValue(name, out string? text) ? double.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
