using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Node;

namespace Dht.Engine.Tests.Samples;

/// <summary>Callbacks of queries, and tasks.</summary>
internal static class CallbackSample
{
    public static async Task<AskResult> Run(DhtEngine engine, Endpoint destination, TaskCompletionSource<string> end)
    {
        // sample: callbacks
        AskResult asked = await engine.InvokeAsync(
            (node, now) => node.Ping(destination, now, new Persistent(node, end), cookie: 3));
        // end
        return asked;
    }

    public static IQueryListener Make(MainlineNode node, TaskCompletionSource<string> end) => new Persistent(node, end);

    // sample: persistent
    private sealed class Persistent(MainlineNode node, TaskCompletionSource<string> end) : IQueryListener
    {
        public void OnResponse(in KrpcMessage response, in Endpoint source, TimeSpan roundTrip, long cookie) =>
            end.TrySetResult($"{response.SenderId} answered");

        public void OnError(in KrpcMessage error, in Endpoint source, long cookie) =>
            end.TrySetResult($"error {error.ErrorCode}");

        public void OnTimeout(in Endpoint destination, long triesLeft)
        {
            if (triesLeft == 0 || node.Ping(destination, node.Now, this, triesLeft - 1) != AskResult.Sent)
            {
                end.TrySetResult("silent");
            }
        }
    }
    // end
}
