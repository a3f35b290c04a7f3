namespace Dht.Engine.Testing.Simulation;

/// <summary>
/// Logarithm, exponential and normal deviates from the four basic operations and the square root alone. Those are
/// exact to the bit everywhere; the functions of a system's mathematics library are not, and a simulation is to run
/// alike on every machine.
/// </summary>
internal static class PortableMath
{
    private const double Ln2 = 0.693147180559945309417;
    private const double Sqrt2 = 1.41421356237309504880;

    /// <summary>The natural logarithm of a normal positive number.</summary>
    public static double Log(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)(bits >> 52) - 1023;
        double mantissa = BitConverter.Int64BitsToDouble((bits & 0x000FFFFFFFFFFFFF) | 0x3FF0000000000000);
        if (mantissa > Sqrt2)
        {
            mantissa /= 2;
            exponent++;
        }

        // ln m = 2 artanh t; t is at most 0.172, so ten terms are enough for 53 bits.
        double t = (mantissa - 1) / (mantissa + 1);
        double square = t * t;
        double sum = 0;
        for (int n = 21; n >= 1; n -= 2)
        {
            sum = (sum * square) + (1.0 / n);
        }

        return (exponent * Ln2) + (2 * t * sum);
    }

    /// <summary>e to a power between -700 and 700; beyond, that of the limit.</summary>
    public static double Exp(double power)
    {
        power = Math.Clamp(power, -700, 700);
        double whole = Math.Floor((power / Ln2) + 0.5);
        double rest = power - (whole * Ln2);
        double sum = 1;
        for (int n = 14; n >= 1; n--)
        {
            sum = 1 + (sum * rest / n);
        }

        return sum * BitConverter.Int64BitsToDouble(((long)whole + 1023) << 52);
    }

    /// <summary>64 bits as a number from 0 up to, and not including, 1.</summary>
    public static double Uniform(ulong bits) => (bits >> 11) * (1.0 / (1ul << 53));

    /// <summary>
    /// A normal deviate of mean 0 and variance 1 that follows from 64 bits (Marsaglia's polar method).
    /// </summary>
    public static double Normal(ulong bits)
    {
        while (true)
        {
            double u = (2 * Uniform(bits = Randomness.SeededRandomSource.Mix(bits + 0x9E3779B97F4A7C15))) - 1;
            double v = (2 * Uniform(bits = Randomness.SeededRandomSource.Mix(bits + 0x9E3779B97F4A7C15))) - 1;
            double square = (u * u) + (v * v);
            if (square is > 0 and < 1)
            {
                return u * Math.Sqrt(-2 * Log(square) / square);
            }
        }
    }
}
