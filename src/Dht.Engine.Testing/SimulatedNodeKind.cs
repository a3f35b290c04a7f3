namespace Dht.Engine.Testing;

/// <summary>How a node of a <see cref="SimulatedNetwork"/> behaves.</summary>
public enum SimulatedNodeKind : byte
{
    /// <summary>A real node of the engine.</summary>
    Honest,

    /// <summary>
    /// A tarpit: a real node, but all that it sends leaves it <see cref="SimulatedNetwork.TarpitDelay"/> late.
    /// </summary>
    Tarpit,

    /// <summary>Asks others now and then, so that they know it, and never answers.</summary>
    Silent,

    /// <summary>
    /// Asks others now and then; answers every query for contacts with invented ones that seem to be near the target.
    /// </summary>
    Liar,

    /// <summary>
    /// Sends rubbish, queries under ever new ids and answers that nobody asked for, 50 a second; never answers.
    /// </summary>
    Flooder,

    /// <summary>
    /// Does nothing but what you write for it: <see cref="SimulatedNodeOptions.Script"/> answers what it is asked, and
    /// <see cref="SimulatedNode.Send"/> sends for it.
    /// </summary>
    Scripted,

    /// <summary>
    /// A crawl: <see cref="SimulatedNetwork.AddCrawler"/> adds it. It asks, and never answers what it is asked.
    /// </summary>
    Crawler,
}
