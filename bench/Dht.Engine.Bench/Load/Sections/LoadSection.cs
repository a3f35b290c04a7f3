namespace Dht.Engine.Bench.Load.Sections;

/// <summary>One of the things that the load test can measure.</summary>
/// <param name="Name">As the command line has it.</param>
/// <param name="Measures">
/// Whether it measures a server, given its name. Those that nothing measures are not started.
/// </param>
/// <param name="RunAsync">Measures, and prints what came of it.</param>
internal sealed record LoadSection(string Name, Func<string, bool> Measures, Func<LoadSession, Task> RunAsync)
{
    public static IReadOnlyList<LoadSection> All { get; } =
    [
        new(AnswersSection.Name, static _ => true, AnswersSection.RunAsync),
        new(ProcessorSection.Name, static _ => true, ProcessorSection.RunAsync),
        new(LatencySection.Name, LatencySection.Measures, LatencySection.RunAsync),
        new(AllocationSection.Name, AllocationSection.Measures, AllocationSection.RunAsync),
    ];
}
