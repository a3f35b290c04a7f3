using Dht.Engine.Bencode;

namespace Dht.Engine.Fuzz.Targets;

/// <summary>Bencode read in strict mode.</summary>
public sealed class BencodeStrictTarget : BencodeTarget
{
    /// <summary>The target, ready to be fed.</summary>
    public BencodeStrictTarget()
        : base(BencodeMode.Strict)
    {
    }

    /// <inheritdoc/>
    public override string Name => "bencode-strict";
}
