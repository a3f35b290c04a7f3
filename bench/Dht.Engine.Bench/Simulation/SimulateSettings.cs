using System.Globalization;

namespace Dht.Engine.Bench.Simulation;

/// <summary>What <c>simulate</c> is told on the command line.</summary>
internal sealed class SimulateSettings
{
    public const string Usage = """
        simulate [--nodes 10000] [--dead 30] [--loss 3] [--lookups 1000] [--seed 1] [--rtt 100] [--sigma 0.5] [--jitter 0]
                 [--window 16] [--repeats 3] [--join 300] [--settle 300] [--spread 10] [--kind find|peers]

        nodes    how many join                      dead    percent of them that die before the lookups
        loss     percent of datagrams lost          lookups how many, by live nodes that chance chooses, side by side
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

    public int Nodes => (int)Number("nodes", 10_000, 2, 1_000_000);

    public double Dead => Number("dead", 30, 0, 99) / 100;

    public double Loss => Number("loss", 3, 0, 99) / 100;

    public int Lookups => (int)Number("lookups", 1000, 1, 1_000_000);

    public ulong Seed => !_values.TryGetValue("seed", out string? text) ? 1
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed) ? seed
        : throw new ArgumentException($"--seed {text}: a whole number is needed.");

    public double Rtt => Number("rtt", 100, 0.001, 60_000);

    public double Sigma => Number("sigma", 0.5, 0, 5);

    public double Jitter => Number("jitter", 0, 0, 100) / 100;

    public int Window => (int)Number("window", 16, 1, 64);

    public int Repeats => (int)Number("repeats", 3, 0, 10);

    public double Join => Number("join", 300, 0, 86_400);

    public double Settle => Number("settle", 300, 0, 86_400);

    public double Spread => Number("spread", 10, 0, 86_400);

    public bool OfPeers => _values.GetValueOrDefault("kind", "find") switch
    {
        "find" => false,
        "peers" => true,
        string other => throw new ArgumentException($"--kind {other}: find or peers is needed."),
    };

    /// <summary>Reads every value once, so that a wrong one is told before the work begins.</summary>
    /// <exception cref="ArgumentException">One is wrong.</exception>
    public void Validate()
    {
        _ = (Nodes, Dead, Loss, Lookups, Seed, Rtt, Sigma);
        _ = (Jitter, Window, Repeats, Join, Settle, Spread, OfPeers);
        if (Nodes - (int)(Nodes * Dead) < 1)
        {
            throw new ArgumentException("Nobody is left alive to look up anything.");
        }
    }

    private double Number(string name, double otherwise, double least, double most)
    {
        if (!_values.TryGetValue(name, out string? text))
        {
            return otherwise;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= least && value <= most
            ? value
            : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"--{name} {text}: a number from {least} to {most} is needed."));
    }
}
