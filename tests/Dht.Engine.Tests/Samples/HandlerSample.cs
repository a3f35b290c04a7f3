using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Node;

namespace Dht.Engine.Tests.Samples;

/// <summary>Handlers of queries: veto, another answer, an error.</summary>
internal static class HandlerSample
{
    public static void Add(QueryHandlers handlers, IReadOnlySet<Endpoint> unwanted)
    {
        // sample: handlers
        Registration veto = handlers.Add(
            (ref QueryContext context) =>
            {
                if (unwanted.Contains(context.Source))
                {
                    context.Veto();
                }
            },
            priority: 10);
        Registration replaced = handlers.Add("ping", static (ref QueryContext context) => context.Reply(new Motto()));
        Registration refused = handlers.Add(
            "sample_infohashes",
            static (ref QueryContext context) => context.Refuse(KrpcErrorCode.MethodUnknown, "not here"u8));
        // end
        Assert.True(veto.IsActive && replaced.IsActive && refused.IsActive);
    }

    // sample: motto
    private readonly struct Motto : IKrpcBody<Motto>
    {
        public static bool TryRead(KrpcBodyReader body, out Motto value)
        {
            value = default;
            return true;
        }

        public void Write(ref KrpcBodyWriter body) => body.WriteString("motto"u8, "mind the gap"u8);
    }
    // end
}
