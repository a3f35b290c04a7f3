namespace Dht.Engine.Krpc;

/// <summary>
/// What is wrong with the body of a message whose envelope is sound (<see cref="KrpcMessage.BodyFault"/>). There is a
/// transaction id to reply under, so a query with one of these can be answered with error 203.
/// </summary>
/// <seealso cref="KrpcFault"/>
public enum KrpcBodyFault : byte
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>A query without <c>q</c>, or whose <c>q</c> is not a string.</summary>
    MissingMethod,

    /// <summary>The body (<c>a</c>, <c>r</c> or <c>e</c>, by kind) is missing or of the wrong type.</summary>
    BadBody,

    /// <summary><c>id</c> is missing or not a string of 20 bytes.</summary>
    BadId,
}
