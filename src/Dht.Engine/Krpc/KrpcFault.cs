namespace Dht.Engine.Krpc;

/// <summary>
/// Why a datagram is no usable KRPC message. Those up to <see cref="UnknownKind"/> are fatal: there is nobody to answer or
/// nothing to answer to. The later ones leave a message whose sender may be told (error 203) what is wrong.
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

    /// <summary>A string, list or body that the engine interprets stands twice.</summary>
    DuplicateKey,

    /// <summary><c>t</c> is missing, no string, empty, or longer than 255 bytes.</summary>
    BadTransactionId,

    /// <summary><c>y</c> is missing or no string.</summary>
    MissingKind,

    /// <summary><c>y</c> is none of <c>q</c>, <c>r</c>, <c>e</c>.</summary>
    UnknownKind,

    /// <summary>A query without <c>q</c>, or whose <c>q</c> is no string.</summary>
    MissingMethod,

    /// <summary>The body (<c>a</c>, <c>r</c> or <c>e</c>, by kind) is missing or of the wrong type.</summary>
    BadBody,

    /// <summary><c>id</c> is missing or not a string of 20 bytes.</summary>
    BadId,
}
