namespace Dht.Engine.Bench.Baseline;

/// <summary>
/// Where the results of benchmarks go: to memory that might be read, so that they are computed, and without a
/// box.
/// </summary>
internal static class LastResult<T>
{
    public static T? Value { get; set; }
}
