using System.Runtime.CompilerServices;

namespace Dht.Engine.Rpc;

/// <summary>What a rate in the options may be.</summary>
internal static class Rates
{
    /// <summary>
    /// Refuses what is no rate. Below zero would mean "no limit" to the buckets, and NaN would let nothing pass.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not a number from 0 upwards.</exception>
    public static void ThrowIfInvalid(double value, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (!double.IsFinite(value) || value < 0)
        {
            throw new ArgumentOutOfRangeException(name, value, "A rate is a number from 0 (no limit) upwards.");
        }
    }
}
