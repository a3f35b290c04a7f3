namespace Dht.Engine.Bench;

/// <summary>
/// Sizes that take seconds to build. What an operation allocates does not depend on them, so the check of allocations
/// takes the smallest only.
/// </summary>
internal static class BenchScale
{
    private static readonly int[] All = [100_000, 1_000_000, 10_000_000];

    public static bool IsSmall { get; set; }

    public static IEnumerable<int> KnownNodes => IsSmall ? All[..1] : All;
}
