namespace Dht.Engine.Crawling;

/// <summary>Where a known node stands in the crawl; one byte in its record: [ retries 3 bits | answered 1 | step 4 ].</summary>
internal static class CrawlState
{
    /// <summary>Named by somebody, not asked yet.</summary>
    public const byte Heard = 0;

    /// <summary>A query to it is under way.</summary>
    public const byte Asking = 1;

    /// <summary>It waits in the ring for its next query.</summary>
    public const byte Queued = 2;

    /// <summary>It should be asked, but there was no room in the ring: found by the next scan.</summary>
    public const byte Owed = 3;

    /// <summary>It did not answer its last query; to be asked again at the end.</summary>
    public const byte Silent = 4;

    /// <summary>Nothing more to ask.</summary>
    public const byte Done = 5;

    /// <summary>Set beside one of the above: it has answered before.</summary>
    public const byte Answered = 0x10;

    /// <summary>The most retries that the upper three bits can count.</summary>
    public const int RetriesMax = 7;

    private const byte StepMask = 0x0F;
    private const int RetryShift = 5;

    /// <summary>One of the steps above, without the marks.</summary>
    public static byte StepOf(byte state) => (byte)(state & StepMask);

    /// <summary>Whether the node has answered before.</summary>
    public static bool HasAnswered(byte state) => (state & Answered) != 0;

    /// <summary>How often the node was asked again after silence.</summary>
    public static int RetriesOf(byte state) => state >> RetryShift;

    /// <summary>The same marks at another step.</summary>
    public static byte At(byte state, byte step) => (byte)((state & ~StepMask) | step);

    /// <summary>One retry more.</summary>
    public static byte Retried(byte state) => (byte)(state + (1 << RetryShift));
}
