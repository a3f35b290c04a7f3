using Dht.Engine.Addressing;
using Dht.Engine.Bench.Load.Sections;
using Dht.Engine.Bench.Load.Servers;

namespace Dht.Engine.Bench.Load;

/// <summary>What the user wants of the load test; see <see cref="LoadHelp"/>.</summary>
internal sealed record LoadOptions
{
    public int Rounds { get; init; } = 3;

    public double Seconds { get; init; } = 3;

    public IReadOnlyList<string> Sections { get; init; } = [AnswersSection.Name, ProcessorSection.Name, LatencySection.Name];

    /// <summary>Names of servers, the external ones excepted.</summary>
    public IReadOnlyList<string> Servers { get; init; } = ServerNames.All;

    public IReadOnlyList<ExternalServer> Externals { get; init; } = [];

    /// <summary>Null leaves it to the section.</summary>
    public int? Senders { get; init; }

    public int Window { get; init; } = 256;

    public int Rate { get; init; } = 20_000;

    public long Packets { get; init; } = 10_000_000;

    public int SwarmNodes { get; init; } = 20_000;

    public AddressKind Family { get; init; } = AddressKind.IPv4;

    /// <summary>Null writes none.</summary>
    public string? JsonPath { get; init; }

    public bool Help { get; init; }
}
