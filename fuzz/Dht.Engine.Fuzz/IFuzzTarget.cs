namespace Dht.Engine.Fuzz;

/// <summary>
/// Something that is fed with hostile bytes. Every class of this assembly that implements it and has a constructor without
/// parameters is found by its name; there is no list to add to.
/// </summary>
public interface IFuzzTarget
{
    /// <summary>The name on the command line: lower case, words joined by hyphens.</summary>
    string Name { get; }

    /// <summary>Valid inputs, from which the others are made; at least one.</summary>
    IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>Pieces that mean something to the target: keywords, starts and ends.</summary>
    IReadOnlyList<byte[]> Dictionary { get; }

    /// <summary>Feeds one input and checks what must hold. The span is gone after the call.</summary>
    /// <exception cref="FuzzFailureException">A property does not hold. Any other exception is a failure as well.</exception>
    void Execute(ReadOnlySpan<byte> input);
}
