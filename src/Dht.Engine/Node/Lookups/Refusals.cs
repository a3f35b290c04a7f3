using Dht.Engine.Krpc;

namespace Dht.Engine.Node;

/// <summary>How errors of BEP 5 are read.</summary>
internal static class Refusals
{
    /// <summary>What a node wants that answers with an error.</summary>
    public static RefusalKind KindOf(in KrpcMessage error) => error.ErrorCode switch
    {
        KrpcErrorCode.Protocol => RefusalKind.OfArguments,
        KrpcErrorCode.MethodUnknown => RefusalKind.OfMethod,
        _ => RefusalKind.ForNow,
    };
}
