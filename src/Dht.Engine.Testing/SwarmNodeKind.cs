namespace Dht.Engine.Testing;

/// <summary>How a node of a <see cref="LoopbackSwarm"/> behaves.</summary>
public enum SwarmNodeKind : byte
{
    /// <summary>Answers as a node of the real network does.</summary>
    Live,

    /// <summary>Never answers, though others still hand it out as a contact.</summary>
    Dead,

    /// <summary>Answers with a trick; see <see cref="SwarmTrick"/>.</summary>
    Hostile,
}
