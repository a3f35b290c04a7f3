namespace Dht.Engine.Fuzz.Mutation;

/// <summary>One element of an input that looks like bencode.</summary>
/// <param name="Start">Its first byte.</param>
/// <param name="Content">For a string, where its content begins; else the same as <paramref name="Start"/>.</param>
/// <param name="End">The byte after it.</param>
internal readonly record struct BencodeElement(int Start, int Content, int End)
{
    /// <summary>Whether it is a string.</summary>
    public bool IsString => Content != Start;
}
