namespace Dht.Engine.Tests.Cli;

/// <summary>
/// Tests of the executable run one after another: each starts processes that want the machine for themselves.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class CliCollection
{
    public const string Name = "dht executable";
}
