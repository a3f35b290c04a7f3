namespace Dht.Engine.Krpc;

/// <summary>
/// Why a datagram is not a KRPC message. It is dropped: there is nobody to answer, or nothing to reply to. What is
/// wrong with a message that can be replied to is a <see cref="KrpcBodyFault"/>.
/// </summary>
public enum KrpcFault : byte
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>Not a bencoded dictionary at all: perhaps another protocol on the same port.</summary>
    NotKrpc,

    /// <summary>Longer than a UDP datagram can be.</summary>
    TooLong,

    /// <summary>A dictionary, but its bencoding is broken.</summary>
    BadBencode,

    /// <summary>A string, list or body that the engine interprets appears twice.</summary>
    DuplicateKey,

    /// <summary><c>t</c> is missing, not a string, empty, or longer than 255 bytes.</summary>
    BadTransactionId,

    /// <summary><c>y</c> is missing or not a string.</summary>
    MissingKind,

    /// <summary><c>y</c> is a string other than <c>q</c>, <c>r</c> and <c>e</c>.</summary>
    UnknownKind,
}
