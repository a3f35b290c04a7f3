using Dht.Cli.Arguments;

namespace Dht.Cli.Lookups;

/// <summary>What all lookups need to know.</summary>
internal sealed record LookupSettings
{
    public required MembershipSettings Membership { get; init; }

    public required OutputSettings Output { get; init; }

    /// <summary>For the whole run, joining included.</summary>
    public required TimeSpan Timeout { get; init; }
}
