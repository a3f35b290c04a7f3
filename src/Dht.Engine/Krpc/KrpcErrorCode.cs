namespace Dht.Engine.Krpc;

/// <summary>The error codes of BEP 5. Others may arrive; the number is kept as it came.</summary>
public static class KrpcErrorCode
{
    /// <summary>Generic error.</summary>
    public const int Generic = 201;

    /// <summary>Server error.</summary>
    public const int Server = 202;

    /// <summary>Protocol error: malformed packet, invalid arguments, bad token.</summary>
    public const int Protocol = 203;

    /// <summary>Method unknown.</summary>
    public const int MethodUnknown = 204;
}
