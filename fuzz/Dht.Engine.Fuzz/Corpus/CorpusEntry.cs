namespace Dht.Engine.Fuzz.Corpus;

/// <summary>An input worth to be changed further.</summary>
internal sealed class CorpusEntry(byte[] bytes, int[] features)
{
    /// <summary>The input.</summary>
    public byte[] Bytes => bytes;

    /// <summary>The features that it reaches; none in a blind run.</summary>
    public int[] Features => features;

    /// <summary>How often it was changed since it last led to something new.</summary>
    public int Fruitless { get; set; }

    /// <summary>What it is worth for the features that no shorter entry reaches: the rarer, the more.</summary>
    public double Worth { get; set; }
}
