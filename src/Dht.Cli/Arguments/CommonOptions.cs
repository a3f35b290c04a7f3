using System.CommandLine;

namespace Dht.Cli.Arguments;

/// <summary>Options that several commands have.</summary>
internal static class CommonOptions
{
    // Timers of the framework go up to 49 days.
    private const double SecondsMax = 4_000_000;

    public static Option<double?> Duration() =>
        OptionFactory.Number<double>("--duration", "S", "Stop after S seconds.", 0.001, SecondsMax);

    /// <summary>A limit for the whole run.</summary>
    public static Option<double?> Timeout() =>
        OptionFactory.Number<double>(
            "--timeout", "S", "Give up after S seconds in all (default 60).", 0.001, SecondsMax);

    public static TimeSpan? ToSpan(double? seconds) => seconds is { } value ? TimeSpan.FromSeconds(value) : null;
}
