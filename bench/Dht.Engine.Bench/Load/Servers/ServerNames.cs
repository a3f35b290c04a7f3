namespace Dht.Engine.Bench.Load.Servers;

/// <summary>
/// The servers that the load test knows by itself, as its tables call them, in the order of their turns.
/// </summary>
internal static class ServerNames
{
    public const string NodeBatch = "node batch";
    public const string NodeRing = "node ring";
    public const string BareBatch = "bare batch";
    public const string BareNap = "bare nap";
    public const string BareRing = "bare ring";
    public const string Libtorrent = "libtorrent";

    public static IReadOnlyList<string> All { get; } = [NodeBatch, NodeRing, BareBatch, BareNap, BareRing, Libtorrent];

    public static bool IsNode(string name) => name is NodeBatch or NodeRing;

    /// <summary>Whether a server is built on recvmmsg and sendmmsg, which only Linux has.</summary>
    public static bool NeedsBatches(string name) => name is NodeBatch or BareBatch or BareNap;
}
