using System.Globalization;

namespace Dht.Cli.Output;

/// <summary>Numbers for people, the same under every culture.</summary>
internal static class Human
{
    public static string Count(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Seconds(TimeSpan span) =>
        string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:N1} s");

    public static string Bytes(long bytes) => bytes switch
    {
        < 10_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 10_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:N0} kB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:N1} MB"),
    };

    /// <summary>The end of a line of figures: what the system lost in a full buffer, if anything.</summary>
    public static string Lost(long packets) => packets > 0 ? $"  lost {Count(packets)}" : string.Empty;

    /// <summary>A share with three decimals, rounded down: only all of it is 100 %.</summary>
    public static string Percent(long part, long whole)
    {
        decimal percent = whole == 0 ? 0 : Math.Floor(100_000m * part / whole) / 1000;
        return percent.ToString("0.###", CultureInfo.InvariantCulture) + " %";
    }
}
