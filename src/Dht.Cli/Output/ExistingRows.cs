namespace Dht.Cli.Output;

/// <summary>What becomes of an output file that has rows already.</summary>
internal enum ExistingRows
{
    /// <summary>They stay, and the crawl does not begin.</summary>
    Refuse,

    /// <summary>New ones come after them.</summary>
    Append,

    /// <summary>The first new one replaces them.</summary>
    Overwrite,
}
