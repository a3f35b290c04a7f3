namespace Dht.Engine.Crawling;

/// <summary>What a mention of an endpoint meant to the frontier.</summary>
internal enum LearnOutcome : byte
{
    /// <summary>It was not known, and will be asked.</summary>
    New,

    /// <summary>It is known.</summary>
    Known,

    /// <summary>It is not known, and its address may be sent no more packets without an answer.</summary>
    Crowded,

    /// <summary>It is not known, and the known set has no room for it.</summary>
    Full,
}
