namespace Dht.Cli.Output;

/// <summary>The fields of a row, in their order.</summary>
internal enum NodeField
{
    Id,
    Address,
    Port,
    RoundTrip,
    Version,
    FirstSeen,
    LastSeen,

    /// <summary>No field: the end of the row.</summary>
    End,
}
