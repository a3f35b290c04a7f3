using System.CommandLine;
using System.Runtime.InteropServices;
using Dht.Engine.Bench.Load.Generator;
using Dht.Engine.Bench.Load.Sections;
using Dht.Engine.Bench.Load.Servers;

namespace Dht.Engine.Bench.Load;

/// <summary>
/// The loopback load test: <c>load [options]</c>, and the two hidden commands that it starts itself again with.
/// </summary>
internal static class LoadCommand
{
    public const string Name = "load";

    private const int Done = 0;
    private const int Failed = 1;
    private const int Interrupted = 130;

    private const string Description =
        "Measures nodes and bare echoes under load, in turn, on loopback. The server under test has one core, the "
            + "load another.";

    public static Command Create()
    {
        var command = new Command(Name, Description);
        var arguments = new LoadArguments(command);
        command.SetAction(
            (parsed, _) => GuardAsync(isChild: false, stop => MeasureAsync(arguments.Read(parsed), stop)));
        command.Subcommands.Add(LoadGenerator.CreateCommand());
        command.Subcommands.Add(ServeChild.CreateCommand());
        return command;
    }

    /// <summary>Does some work of the load test, and says in one line why it cannot go on.</summary>
    /// <returns>The exit code: 0, 1 when it failed, 130 when it was interrupted.</returns>
    public static async Task<int> GuardAsync(bool isChild, Func<CancellationToken, Task> work)
    {
        using var stop = new CancellationTokenSource();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal);
        try
        {
            await work(stop.Token).ConfigureAwait(false);
            return Done;
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            Console.Error.WriteLine("load: interrupted");
            return Interrupted;
        }
        catch (Exception fault) when (fault is LoadFailureException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"load: {fault.Message}");
            return Failed;
        }

        void OnSignal(PosixSignalContext context)
        {
            // The terminal interrupts the children too; they leave it to their parent to end them.
            context.Cancel = isChild ? context.Signal == PosixSignal.SIGINT : true;
            stop.Cancel();
        }
    }

    private static async Task MeasureAsync(LoadOptions options, CancellationToken stop)
    {
        await using LoadSession session = await LoadSession.StartAsync(options, stop).ConfigureAwait(false);
        foreach (LoadSection section in options.Sections)
        {
            await section.RunAsync(session).ConfigureAwait(false);
            session.WarnOfStrangers(section.Name);
        }

        session.WriteJson();
    }
}
