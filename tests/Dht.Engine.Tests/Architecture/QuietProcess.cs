namespace Dht.Engine.Tests.Architecture;

/// <summary>
/// The collection of tests that measure the whole process: <c>[Collection(QuietProcess.Name)]</c> on a class keeps
/// every other test still while its tests run.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class QuietProcess
{
    /// <summary>The name to give to the attribute.</summary>
    public const string Name = "Quiet process";
}
