using Dht.Engine.Addressing;
using Dht.Engine.Krpc;
using Dht.Engine.Node;

namespace Dht.Engine.Tests.Support;

/// <summary>Writes down how queries ended.</summary>
internal sealed class RecordingListener : IQueryListener
{
    public List<string> Ends { get; } = [];

    public Action<Endpoint, long>? OnEnd { get; init; }

    public TimeSpan LastRoundTrip { get; private set; }

    public void OnResponse(in KrpcMessage response, in Endpoint source, TimeSpan roundTrip, long cookie)
    {
        LastRoundTrip = roundTrip;
        Add("response", source, cookie);
    }

    public void OnError(in KrpcMessage error, in Endpoint source, long cookie) =>
        Add($"error {error.ErrorCode} {Krpc.Wire.Text(error.ErrorText)}", source, cookie);

    public void OnTimeout(in Endpoint destination, long cookie) => Add("timeout", destination, cookie);

    public void OnNotSent(in Endpoint destination, long cookie) => Add("not sent", destination, cookie);

    private void Add(string end, Endpoint endpoint, long cookie)
    {
        Ends.Add($"{end} {cookie}");
        OnEnd?.Invoke(endpoint, cookie);
    }
}
