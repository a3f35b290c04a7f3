namespace Dht.Engine.Bench.Load.Sections;

/// <summary>What the rounds amount to.</summary>
internal static class Statistics
{
    /// <summary>The middle value, or the mean of the two; no number when there are none.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>The median of the ratios of each round: what slows a whole round down drops out.</summary>
    public static double MedianRatio(IEnumerable<double> values, IEnumerable<double> others) =>
        Median(values.Zip(others, static (value, other) => value / other));
}
