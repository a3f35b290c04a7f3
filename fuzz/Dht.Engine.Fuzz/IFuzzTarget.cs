namespace Dht.Engine.Fuzz;

/// <summary>
/// Something that is fed with hostile bytes. Every class of this assembly that implements it and has a constructor
/// without parameters is found by its name; there is no list to add to.
/// </summary>
/// <remarks>
/// What an input does depends on the input alone, not on those before it: so each failure can be replayed.
/// </remarks>
public interface IFuzzTarget
{
    /// <summary>The name on the command line: lower case, words joined by hyphens.</summary>
    string Name { get; }

    /// <summary>Valid inputs, from which the others are made; at least one.</summary>
    IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>Pieces that mean something to the target: keywords, starts and ends.</summary>
    IReadOnlyList<byte[]> Dictionary { get; }

    /// <summary>
    /// The namespaces whose code guides the search: those that the target is about, and no more, for each counter
    /// costs time.
    /// </summary>
    IReadOnlyList<string> Namespaces { get; }

    /// <summary>The assembly that holds them.</summary>
    string AssemblyName => "Dht.Engine";

    /// <summary>What inputs are made of.</summary>
    InputShape Shape => InputShape.Bytes;

    /// <summary>The longest input in bytes, at most 16,384. Short ones are quick.</summary>
    int LengthMax => 1024;

    /// <summary>
    /// Whether it fails on purpose, to show that failures are found; such a target is left out of the list.
    /// </summary>
    bool IsPlanted => false;

    /// <summary>Feeds one input and checks what must hold. The span is gone after the call.</summary>
    /// <exception cref="FuzzFailureException">
    /// A property does not hold. Any other exception is a failure as well.
    /// </exception>
    void Execute(ReadOnlySpan<byte> input);
}
