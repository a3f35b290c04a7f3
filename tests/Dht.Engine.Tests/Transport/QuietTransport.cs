namespace Dht.Engine.Tests.Transport;

/// <summary>Tests that measure the whole process or open many sockets: no other test runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class QuietTransport
{
    public const string Name = "Quiet transport";
}
