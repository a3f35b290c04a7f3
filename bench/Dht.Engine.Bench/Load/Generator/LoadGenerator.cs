using System.Collections.Concurrent;
using System.CommandLine;
using System.Text.Json;
using Dht.Engine.Addressing;
using Dht.Engine.Randomness;

namespace Dht.Engine.Bench.Load.Generator;

/// <summary>
/// The generator child: takes orders line by line and says what came of each, until its standard input closes.
/// </summary>
internal static class LoadGenerator
{
    public const string Name = "generate";

    public static Command CreateCommand()
    {
        var command = new Command(Name) { Hidden = true };
        command.SetAction((_, _) => LoadCommand.GuardAsync(isChild: true, static _ =>
        {
            Run();
            return Task.CompletedTask;
        }));
        return command;
    }

    private static void Run()
    {
        var orders = new BlockingCollection<LoadOrder>();
        new Thread(() => Listen(orders)) { IsBackground = true, Name = "console" }.Start();
        foreach (LoadOrder order in orders.GetConsumingEnumerable())
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(Carry(order)));
        }
    }

    private static void Listen(BlockingCollection<LoadOrder> orders)
    {
        while (Console.In.ReadLine() is { } line)
        {
            orders.Add(JsonSerializer.Deserialize<LoadOrder>(line)!);
        }

        // In the middle of a measurement too: nobody is left to hear of it.
        Environment.Exit(0);
    }

    private static LoadFigures Carry(LoadOrder order)
    {
        var random = new SeededRandomSource(1);
        var server = Endpoint.Parse(order.Server);
        var sockets = new QuerySocket[order.Senders];
        try
        {
            for (int i = 0; i < sockets.Length; i++)
            {
                sockets[i] = QuerySocket.Open(server, random);
            }

            var measurement = new Measurement(order.ServerProcess);
            if (order.Rate > 0)
            {
                new OpenLoop(order, sockets, measurement).Run();
            }
            else
            {
                new ClosedLoop(order, sockets, measurement).Run();
            }

            return measurement.Figures();
        }
        finally
        {
            foreach (QuerySocket? socket in sockets)
            {
                socket?.Dispose();
            }
        }
    }
}
