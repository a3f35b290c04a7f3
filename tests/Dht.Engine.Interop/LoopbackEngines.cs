using System.Diagnostics;
using Dht.Engine.Addressing;
using Dht.Engine.Transport;

namespace Dht.Engine.Interop;

/// <summary>Engines on loopback, for clients that are there too.</summary>
internal static class LoopbackEngines
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static DhtEngine Start(TransportKind kind)
    {
        var engine = new DhtEngine(new DhtEngineOptions
        {
            Bind = Local(0),
            AddressPolicy = AddressPolicy.AllowLocal,
            Transport = kind,
        });
        engine.Start();
        return engine;
    }

    /// <summary>Its DHT begins to answer a moment after its port is open.</summary>
    public static async Task<PingResult> PingUntilAnswered(DhtEngine engine, Endpoint destination)
    {
        var waited = Stopwatch.StartNew();
        PingResult result = await engine.PingAsync(destination);
        while (result.Status != QueryStatus.Answered && waited.Elapsed < Patience)
        {
            // A throttled one fails at once.
            await Task.Delay(50);
            result = await engine.PingAsync(destination);
        }

        return result;
    }

    public static Endpoint Local(int port) => Endpoint.FromIPv4(0x7F000001, (ushort)port);
}
