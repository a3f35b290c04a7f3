using Dht.Engine.Fuzz.Coverage;

namespace Dht.Engine.Fuzz.Running;

/// <summary>Shortens an input as long as it reaches what it is kept for.</summary>
internal sealed class Trimmer(InputFeeder feeder, CoverageMap coverage, InputShape shape)
{
    private const int AttemptsMax = 96;

    private readonly byte[] _candidate = new byte[GuardedInput.LengthMax];

    /// <summary>Cuts ever smaller pieces out.</summary>
    /// <param name="input">The input; what is left of it on return.</param>
    /// <param name="wanted">The features that must stay.</param>
    /// <returns>False when a shortened input breaks something; it is reported then.</returns>
    public bool TryTrim(ref byte[] input, List<int> wanted)
    {
        int unit = shape == InputShape.Commands ? Programs.Command.Size : 1;
        int attempts = 0;
        for (int piece = HalfOf(input.Length, unit); piece >= unit; piece = piece == unit ? 0 : HalfOf(piece, unit))
        {
            for (int at = 0; at < input.Length && attempts < AttemptsMax; attempts++)
            {
                int end = Math.Min(input.Length, at + piece);
                input.AsSpan(0, at).CopyTo(_candidate);
                input.AsSpan(end).CopyTo(_candidate.AsSpan(at));
                int length = input.Length - (end - at);
                if (!feeder.TryFeed(_candidate.AsSpan(0, length)))
                {
                    return false;
                }

                if (coverage.HoldsAll(wanted))
                {
                    input = _candidate.AsSpan(0, length).ToArray();
                }
                else
                {
                    at += piece;
                }
            }
        }

        return true;
    }

    private static int HalfOf(int length, int unit) => Math.Max(unit, length / 2 / unit * unit);
}
