using System.Globalization;
using Dht.Engine.Bench.Load.Generator;
using Dht.Engine.Bench.Load.Servers;

namespace Dht.Engine.Bench.Load.Sections;

/// <summary>What the process of a node allocates while it answers many senders, once warm.</summary>
internal static class AllocationSection
{
    public const string Name = "allocation";

    // Few senders hide what is allocated when the sender changes.
    private const int DefaultSenders = 61;
    private const double WarmUpSeconds = 10;

    /// <summary>Only ours can report what they allocate.</summary>
    public static bool Measures(string server) => server != ServerNames.Libtorrent && ServerNames.All.Contains(server);

    public static async Task RunAsync(LoadSession session)
    {
        var table = new TextTable("server", "answers", "answers/s", "bytes allocated", "bytes per packet");
        foreach (LoadServer server in session.Servers.Where(static server => Measures(server.Name)))
        {
            bool isNode = ServerNames.IsNode(server.Name);
            LoadOrder order = session.OrderFor(server) with
            {
                Senders = session.Options.Senders ?? DefaultSenders,
                WarmUp = 0,
                Seconds = 0,
            };

            // A figure for the bare servers shows what a transport alone allocates; a tenth of the packets does for
            // that.
            long packets = isNode ? session.Options.Packets : Math.Max(1, session.Options.Packets / 10);
            await session.MeasureAsync($"{Name} warm-up", server, 1, order with { Seconds = WarmUpSeconds })
                .ConfigureAwait(false);
            await server.MarkAsync(session.Stop).ConfigureAwait(false);
            await server.MarkAsync(session.Stop).ConfigureAwait(false);
            LoadFigures figures = await session.MeasureAsync(Name, server, 1, order with { Answers = packets })
                .ConfigureAwait(false);
            await server.MarkAsync(session.Stop).ConfigureAwait(false);
            long bytes = await server.BytesAsync(session.Stop).ConfigureAwait(false);
            table.Add(
                server.Name,
                figures.Answered.ToString("N0", CultureInfo.InvariantCulture),
                figures.AnswersPerSecond.ToString("N0", CultureInfo.InvariantCulture),
                bytes.ToString("N0", CultureInfo.InvariantCulture),
                ((double)bytes / figures.Answered).ToString("F4", CultureInfo.InvariantCulture));
        }

        table.Print("Allocation of the whole server process after a warm-up, "
            + $"{session.Options.Senders ?? DefaultSenders} senders.");
    }
}
