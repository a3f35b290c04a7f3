using System.Diagnostics.CodeAnalysis;

namespace Dht.Engine.Fuzz;

/// <summary>Thrown by a target when a property does not hold.</summary>
public sealed class FuzzFailureException : Exception
{
    /// <summary>A failure that says which property was broken.</summary>
    public FuzzFailureException(string message)
        : base(message)
    {
    }

    /// <summary>Throws unless <paramref name="condition"/> holds.</summary>
    /// <param name="condition">What must hold.</param>
    /// <param name="property">The property, as a sentence that is false now.</param>
    public static void Require([DoesNotReturnIf(false)] bool condition, string property)
    {
        if (!condition)
        {
            throw new FuzzFailureException(property);
        }
    }
}
