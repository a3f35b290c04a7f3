using Dht.Engine.Addressing;
using Dht.Engine.Bench.Load.Sections;

namespace Dht.Engine.Bench.Load;

/// <summary>What the user wants of the load test; see <see cref="LoadArguments"/>.</summary>
internal sealed record LoadOptions
{
    public required int Rounds { get; init; }

    public required double Seconds { get; init; }

    public required IReadOnlyList<LoadSection> Sections { get; init; }

    /// <summary>Names of servers, the external ones excepted.</summary>
    public required IReadOnlyList<string> Servers { get; init; }

    public required IReadOnlyList<ExternalServer> Externals { get; init; }

    /// <summary>Null leaves it to the section.</summary>
    public int? Senders { get; init; }

    public required int Window { get; init; }

    public required int Rate { get; init; }

    public required long Packets { get; init; }

    public required int SwarmNodes { get; init; }

    public required IpFamily Family { get; init; }

    /// <summary>Null writes none.</summary>
    public string? JsonPath { get; init; }
}
