using System.Globalization;
using System.Runtime.InteropServices;
using Dht.Engine.Bench.Load.Generator;
using Dht.Engine.Bench.Load.Sections;
using Dht.Engine.Bench.Load.Servers;

namespace Dht.Engine.Bench.Load;

/// <summary>The loopback load test: <c>load [options]</c>, and the two sub-commands that it starts itself again with.</summary>
internal static class LoadCommand
{
    public const string ServeCommand = "serve";
    public const string GenerateCommand = "generate";

    private const int Done = 0;
    private const int Failed = 1;
    private const int Usage = 2;
    private const int Interrupted = 130;

    /// <returns>The exit code: 0, 1 when it failed, 2 for wrong arguments, 130 when it was interrupted.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        using var stop = new CancellationTokenSource();
        bool isChild = args is [ServeCommand or GenerateCommand, ..];
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal);
        try
        {
            return isChild ? await RunChildAsync(args).ConfigureAwait(false) : await MeasureAsync(args, stop.Token).ConfigureAwait(false);
        }
        catch (LoadUsageException fault)
        {
            Console.Error.WriteLine($"load: {fault.Message} (see load --help)");
            return Usage;
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

    private static async Task<int> MeasureAsync(string[] args, CancellationToken stop)
    {
        LoadOptions options = LoadOptionsParser.Parse(args);
        if (options.Help)
        {
            Console.Out.Write(LoadHelp.Text);
            return Done;
        }

        await using LoadSession session = await LoadSession.StartAsync(options, stop).ConfigureAwait(false);
        foreach (string section in options.Sections)
        {
            await (section switch
            {
                AnswersSection.Name => AnswersSection.RunAsync(session),
                ProcessorSection.Name => ProcessorSection.RunAsync(session),
                LatencySection.Name => LatencySection.RunAsync(session),
                _ => AllocationSection.RunAsync(session),
            }).ConfigureAwait(false);
            session.WarnOfStrangers(section);
        }

        session.WriteJson();
        return Done;
    }

    private static async Task<int> RunChildAsync(string[] args)
    {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
        if (args[0] == GenerateCommand)
        {
            LoadGenerator.Run();
        }
        else
        {
            await ServeChild.RunAsync(args[1..]).ConfigureAwait(false);
        }

        return Done;
    }
}
