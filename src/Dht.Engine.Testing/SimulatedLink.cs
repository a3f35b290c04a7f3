using System.Runtime.CompilerServices;

namespace Dht.Engine.Testing;

/// <summary>
/// What the links between the nodes of a <see cref="SimulatedNetwork"/> do to datagrams. Immutable; all shares are 0
/// to 1.
/// </summary>
public sealed record SimulatedLink
{
    /// <summary>
    /// How long a datagram is under way. The default: log-normal with a median round trip of 100 ms and a sigma of 0.5.
    /// </summary>
    public SimulatedLatency Latency { get; init; } = SimulatedLatency.LogNormal(TimeSpan.FromMilliseconds(100), 0.5);

    /// <summary>The share of datagrams that get lost. A query and its answer are two.</summary>
    public double Loss { get; init; }

    /// <summary>The share of datagrams that arrive twice, the second time up to <see cref="DelayMax"/> later.</summary>
    public double Duplication { get; init; }

    /// <summary>
    /// The share of datagrams that are held up by up to <see cref="DelayMax"/>, so that later ones overtake them.
    /// </summary>
    public double Reordering { get; init; }

    /// <summary>The longest that a datagram is held up, or that its second copy comes after the first.</summary>
    public TimeSpan DelayMax { get; init; } = TimeSpan.FromMilliseconds(200);

    internal static void CheckShare(double value, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        // Written so that NaN is refused too.
        if (!(value is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(name, value, "A share is a number from 0 to 1; 0.03 is 3 %.");
        }
    }

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Latency);
        CheckShare(Loss);
        CheckShare(Duplication);
        CheckShare(Reordering);
        ArgumentOutOfRangeException.ThrowIfLessThan(DelayMax, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(DelayMax, TimeSpan.FromHours(1));
    }
}
