using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Dht.Engine.Identity;
using Dht.Engine.Krpc;
using Dht.Engine.Testing;

namespace Dht.Engine.Bench.Simulation;

/// <summary>
/// Lookups in a simulated network some of whose nodes have just died: how long they take, and whether they find the
/// live nodes that are really the nearest.
/// </summary>
internal static class SimulateCommand
{
    private const int K = 8;

    public static Command Create()
    {
        var command = new Command(
            "simulate", "Looks up nodes or peers in a simulated network some of whose nodes have just died.");
        var arguments = new SimulateArguments(command);
        command.SetAction(parsed => Run(arguments.Read(parsed)));
        return command;
    }

    private static int Run(SimulateSettings settings)
    {
        SimulatedNetwork network = Make(settings);
        Join(network, settings);
        return Measure(network, settings);
    }

    private static SimulatedNetwork Make(SimulateSettings settings) => new(new SimulatedNetworkOptions
    {
        Seed = settings.Seed,
        Node = SimulatedNetworkOptions.SmallNode with
        {
            LookupWindow = settings.Window,
            LookupRepeats = settings.Repeats,
        },
        Link = new SimulatedLink
        {
            Loss = settings.Loss,
            Latency = SimulatedLatency.LogNormal(TimeSpan.FromMilliseconds(settings.Rtt), settings.Sigma) with
            {
                Jitter = settings.Jitter,
            },
        },
    });

    private static void Join(SimulatedNetwork network, SimulateSettings settings)
    {
        (long Wall, TimeSpan Processor) started = Clocks();
        for (int i = 0; i < settings.Nodes; i++)
        {
            network.AddNode();
            network.Run(TimeSpan.FromSeconds(settings.Join / settings.Nodes));
        }

        Print("joined", started, network, default, TimeSpan.FromSeconds(settings.Join));
        SimulatedStatistics before = network.Statistics;
        started = Clocks();
        network.Run(TimeSpan.FromSeconds(settings.Settle));
        Print("settled", started, network, before, TimeSpan.FromSeconds(settings.Settle));
        double contacts = network.Nodes.Average(static node => (double)node.Node.ContactCount);
        Console.WriteLine(Text($"contacts of a node   {contacts:F1}; working set {Environment.WorkingSet >> 20} MB"));
    }

    private static int Measure(SimulatedNetwork network, SimulateSettings settings)
    {
        foreach (SimulatedNode node in network.Nodes)
        {
            if (network.Random.Next(1_000_000) < settings.Dead * 1_000_000)
            {
                network.Kill(node);
            }
        }

        SimulatedNode[] live = [.. network.Nodes.Where(static node => node.IsAlive)];
        if (live.Length == 0)
        {
            Console.Error.WriteLine("simulate: no node is left alive to look anything up");
            return 1;
        }

        var lookups = new List<SimulatedLookup>();
        SimulatedStatistics before = network.Statistics;
        (long Wall, TimeSpan Processor) started = Clocks();
        double pause = settings.Spread / settings.Lookups;
        for (int i = 0; i < settings.Lookups; i++)
        {
            SimulatedNode node = live[network.Random.Next(live.Length)];
            lookups.Add(node.StartLookup(settings.Kind, NodeId.Random(network.Random)));
            network.Run(TimeSpan.FromSeconds(pause));
        }

        network.Run(TimeSpan.FromSeconds(20));
        Print("lookups", started, network, before, TimeSpan.FromSeconds(settings.Spread + 20));
        Report(network, lookups);
        return 0;
    }

    private static void Report(SimulatedNetwork network, List<SimulatedLookup> lookups)
    {
        int exact = 0;
        int missed = 0;
        foreach (SimulatedLookup lookup in lookups)
        {
            IReadOnlyList<SimulatedNode> nearest = network.Nearest(lookup.Report.Target, K + 1);
            CompactNode[] expected = [.. nearest.Where(node => node != lookup.Node).Take(K)
                .Select(static node => new CompactNode(node.Id, node.Endpoint))];
            int missing = expected.Except(lookup.Closest).Count();
            exact += missing == 0 ? 1 : 0;
            missed += missing;
        }

        double[] times = [.. lookups.Select(static lookup => lookup.Report.Elapsed.TotalMilliseconds).Order()];
        Console.WriteLine("lookup time, ms      " + Spread(times));
        double[] found = [.. lookups.Select(static lookup => lookup.Report.Found.TotalMilliseconds).Order()];
        Console.WriteLine("found after, ms      " + Spread(found));
        double percent = 100.0 * exact / lookups.Count;
        Console.WriteLine(Text(
            $"exact                {percent:F2} % of {lookups.Count} lookups; {missed} of the nearest missed in all"));
        double asked = lookups.Average(static lookup => (double)lookup.Report.Asked);
        double answered = lookups.Average(static lookup => (double)lookup.Report.Answered);
        Console.WriteLine(Text($"a lookup             {asked:F1} queries, {answered:F1} answered"));
        Console.WriteLine(Text($"trace digest         {network.TraceDigest:x32}"));
    }

    private static void Print(
        string what, (long Wall, TimeSpan Processor) started, SimulatedNetwork network, in SimulatedStatistics before,
        TimeSpan span)
    {
        double seconds = Stopwatch.GetElapsedTime(started.Wall).TotalSeconds;
        double processor = (Environment.CpuUsage.TotalTime - started.Processor).TotalSeconds;
        long delivered = network.Statistics.Delivered - before.Delivered;
        string took = Text($"{span.TotalSeconds:F0} s in {seconds:F1} s, {processor:F1} s of processor");
        string packets = Text($"{delivered:N0} datagrams, {delivered / processor:N0}/s");
        Console.WriteLine(Text($"{what,-20} {took}: {span.TotalSeconds / processor:F1} x real time; {packets}"));
    }

    // Where others use the machine too, only the time of the processor says how fast it is.
    private static (long Wall, TimeSpan Processor) Clocks() =>
        (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);

    private static double At(double[] sorted, double share) =>
        sorted[(int)Math.Min(sorted.Length - 1, sorted.Length * share)];

    private static string Spread(double[] sorted) => Text(
        $"p50 {At(sorted, 0.5):F0}   p95 {At(sorted, 0.95):F0}   p99 {At(sorted, 0.99):F0}   most {sorted[^1]:F0}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
