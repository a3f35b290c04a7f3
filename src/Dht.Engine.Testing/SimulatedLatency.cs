using Dht.Engine.Testing.Simulation;

namespace Dht.Engine.Testing;

/// <summary>
/// How long datagrams of a <see cref="SimulatedNetwork"/> are under way. Every pair of nodes has a round trip time of
/// its own, which follows from the seed and stays; half of it is one direction. Immutable.
/// </summary>
public sealed record SimulatedLatency
{
    private enum Shape
    {
        Uniform,
        LogNormal,
    }

    private readonly Shape _shape;
    private readonly TimeSpan _least;
    private readonly double _spread;

    private SimulatedLatency(Shape shape, TimeSpan least, double spread)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(least, TimeSpan.Zero, "roundTrip");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(least, TimeSpan.FromHours(1), "roundTrip");
        _shape = shape;
        _least = least;
        _spread = spread;
    }

    /// <summary>
    /// By how much the time of a single datagram differs from that of its pair: a share, 0 to 1. 0.1 means up to 10 %
    /// less or more. More than a little of it brings datagrams out of order.
    /// </summary>
    public double Jitter
    {
        get;
        init
        {
            SimulatedLink.CheckShare(value, nameof(Jitter));
            field = value;
        }
    }

    /// <summary>The same for every pair.</summary>
    /// <param name="roundTrip">0 to 1 hour.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or longer.</exception>
    public static SimulatedLatency Constant(TimeSpan roundTrip) => new(Shape.Uniform, roundTrip, 0);

    /// <summary>Each time between two limits as likely as any other.</summary>
    /// <param name="leastRoundTrip">0 to 1 hour.</param>
    /// <param name="mostRoundTrip">Not less than the other.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A limit is negative or longer, or they are in the wrong order.
    /// </exception>
    public static SimulatedLatency Uniform(TimeSpan leastRoundTrip, TimeSpan mostRoundTrip)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(mostRoundTrip, leastRoundTrip);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(mostRoundTrip, TimeSpan.FromHours(1));
        return new SimulatedLatency(Shape.Uniform, leastRoundTrip, (mostRoundTrip - leastRoundTrip).Ticks);
    }

    /// <summary>
    /// Log-normal, as round trips on the Internet roughly are: most near the median, a few much longer.
    /// </summary>
    /// <param name="medianRoundTrip">0 to 1 hour.</param>
    /// <param name="sigma">
    /// Of the logarithm, 0 to 2. With 0.5 the longest 5 % take more than 2.3 times the median.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public static SimulatedLatency LogNormal(TimeSpan medianRoundTrip, double sigma)
    {
        if (!(sigma is >= 0 and <= 2))
        {
            throw new ArgumentOutOfRangeException(nameof(sigma), sigma, "Sigma must be 0 to 2; 0.5 is usual.");
        }

        return new SimulatedLatency(Shape.LogNormal, medianRoundTrip, sigma);
    }

    /// <summary>How long one datagram is under way.</summary>
    /// <param name="pair">
    /// Bits that are the same for both directions of a pair, and differ from those of others.
    /// </param>
    /// <param name="chance">Fresh bits; not used without jitter.</param>
    internal TimeSpan OneWay(ulong pair, ulong chance)
    {
        double roundTrip = _shape == Shape.LogNormal
            ? _least.Ticks * PortableMath.Exp(_spread * PortableMath.Normal(pair))
            : _least.Ticks + (_spread * PortableMath.Uniform(pair));
        double oneWay = roundTrip / 2;
        if (Jitter > 0)
        {
            oneWay *= 1 + (Jitter * ((2 * PortableMath.Uniform(chance)) - 1));
        }

        return TimeSpan.FromTicks((long)oneWay);
    }
}
