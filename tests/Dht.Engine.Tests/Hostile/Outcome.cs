namespace Dht.Engine.Tests.Hostile;

/// <summary>What becomes of a datagram. All but the answers leave no reply and one count.</summary>
internal enum Outcome
{
    /// <summary>A response.</summary>
    Answer,

    /// <summary>Error 202: the store is full.</summary>
    Error202,

    /// <summary>Error 203: malformed.</summary>
    Error203,

    /// <summary>Error 204: no such method.</summary>
    Error204,

    /// <summary>Counted as malformed.</summary>
    Malformed,

    /// <summary>Counted as no KRPC at all.</summary>
    Foreign,

    /// <summary>Counted as longer than a receive buffer.</summary>
    Truncated,

    /// <summary>Counted as a reply to no query of ours.</summary>
    Unexpected,
}
