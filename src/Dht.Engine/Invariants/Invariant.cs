using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Dht.Engine.Invariants;

/// <summary>
/// What must be true of the engine's own state, whatever comes over the wire. Checked in the builds of the tests and
/// the fuzzers (<c>-p:Checks=true</c>, in Release too); the package and the benchmarks have no trace of it.
/// </summary>
/// <remarks>
/// Assert at each transition that it is legal. A structure with links, free lists or counts kept by hand has a
/// <c>CheckInvariants</c> in a file <c>Type.Invariants.cs</c>, which only a build with checks compiles. Messages are
/// constants, since the allocation tests run with checks too.
/// </remarks>
internal static class Invariant
{
    /// <summary>Stops whoever broke it: no guard around user code catches what this throws.</summary>
    /// <exception cref="InvariantException">The condition is false.</exception>
    [Conditional("CHECKS")]
    public static void Holds([DoesNotReturnIf(false)] bool condition, string message)
    {
        if (!condition)
        {
            throw new InvariantException(message);
        }
    }
}
