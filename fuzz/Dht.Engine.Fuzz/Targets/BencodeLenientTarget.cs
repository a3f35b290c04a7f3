using Dht.Engine.Bencode;

namespace Dht.Engine.Fuzz.Targets;

/// <summary>Bencode read in lenient mode.</summary>
public sealed class BencodeLenientTarget : BencodeTarget
{
    /// <summary>The target, ready to be fed.</summary>
    public BencodeLenientTarget()
        : base(BencodeMode.Lenient)
    {
    }

    /// <inheritdoc/>
    public override string Name => "bencode-lenient";
}
