namespace Dht.Engine.Fuzz.Canary;

/// <summary>
/// A parser with a fault planted where only one input in 2^40 goes: after four bytes, each looked at alone, and a
/// length.
/// </summary>
internal static class CanaryParser
{
    /// <summary>What the failure says.</summary>
    public const string FaultName = "planted-canary-fault";

    private const int LengthWanted = 23;

    /// <summary>Counts the steps that an input gets down the path; throws at its end.</summary>
    public static int Parse(ReadOnlySpan<byte> input)
    {
        if (input.Length < 8 || input[3] != 0xC7)
        {
            return 0;
        }

        if (input[1] != 0x5A)
        {
            return 1;
        }

        if (input[6] != (byte)(input[1] ^ 0x93))
        {
            return 2;
        }

        if (input[0] != 0x1F)
        {
            return 3;
        }

        return input.Length == LengthWanted ? throw new FuzzFailureException(FaultName) : 4;
    }
}
