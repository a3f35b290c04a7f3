namespace Dht.Engine.Tests.Architecture;

/// <summary>Which folder of the library stands on which floor, and which neighbours may know each other.</summary>
internal sealed class Floors
{
    /// <summary>The namespace of the library, which is also its roof.</summary>
    public const string Root = "Dht.Engine";

    private const int Top = 6;

    private readonly Dictionary<string, int> _floorOf;
    private readonly HashSet<(string From, string To)> _neighbours;

    public Floors(IEnumerable<(string Part, int Floor)> parts, IEnumerable<(string From, string To)> neighbours)
    {
        _floorOf = parts.ToDictionary(p => p.Part, p => p.Floor);
        _neighbours = [.. neighbours];
    }

    /// <summary>The library as it is meant to be. A floor may use any floor below it.</summary>
    public static Floors Library { get; } = new(
        [
            ("Invariants", -1),
            ("Bencode", 0), ("Identity", 0), ("Addressing", 0), ("Timing", 0), ("Randomness", 0),
            ("Krpc", 1),
            ("Routing", 2), ("Rpc", 2), ("Storage", 2),
            ("Lookup", 3),
            ("Node", 4), ("Crawling", 4),
            ("Transport", 5),
            ("", Top),
        ],
        [
            // Random ids are drawn from an IRandomSource.
            ("Identity", "Randomness"),

            // BEP 42 ties an id to the address of its node.
            ("Identity", "Addressing"),
        ]);

    /// <summary>All parts that have a floor; "" is the roof.</summary>
    public IReadOnlyCollection<string> Parts => _floorOf.Keys;

    /// <summary>The neighbours that know each other.</summary>
    public IReadOnlyCollection<(string From, string To)> Neighbours => _neighbours;

    /// <summary>
    /// The part of the house that a namespace belongs to ("" is the roof); null for a namespace that is not of it.
    /// </summary>
    public static string? PartOf(string @namespace) => @namespace == Root
        ? ""
        : @namespace.StartsWith(Root + ".", StringComparison.Ordinal) ? @namespace[(Root.Length + 1)..].Split('.')[0]
        : null;

    /// <summary>The floor of a part; 0 is the ground.</summary>
    public int FloorOf(string part) => _floorOf[part];

    /// <summary>Whether a part has a floor.</summary>
    public bool Knows(string part) => _floorOf.ContainsKey(part);

    /// <summary>Whether one part may use another.</summary>
    public bool Allows(string from, string to) =>
        from == to || _floorOf[to] < _floorOf[from] || _neighbours.Contains((from, to));
}
