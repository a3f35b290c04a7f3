namespace Dht.Engine.Krpc;

/// <summary>The three kinds of KRPC message (BEP 5), by the value of <c>y</c>.</summary>
public enum KrpcKind : byte
{
    /// <summary>Not known (the message is malformed).</summary>
    None,

    /// <summary><c>y</c> = <c>q</c>.</summary>
    Query,

    /// <summary><c>y</c> = <c>r</c>.</summary>
    Response,

    /// <summary><c>y</c> = <c>e</c>.</summary>
    Error,
}
