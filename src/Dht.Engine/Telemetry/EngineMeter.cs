using System.Diagnostics.Metrics;
using Dht.Engine.Addressing;

namespace Dht.Engine;

/// <summary>
/// The meter of one engine. All instruments are observable: they read the counters that are kept anyway when a
/// collector asks, so packets cost nothing more.
/// </summary>
/// <remarks>
/// Opened and closed by one thread at a time; collectors call from any. A meter of our own is disposed when the
/// engine stops. One of a factory cannot be: the factory hands out the same again, and what it holds would pile up
/// with each start. So it is created once, and is silent while the engine is stopped.
/// </remarks>
internal sealed partial class EngineMeter
{
    public const string Name = "Dht.Engine";

    private readonly IMeterFactory? _factory;
    private Meter? _meter;
    private volatile Source? _source;

    public EngineMeter(IMeterFactory? factory) => _factory = factory;

    /// <summary>Begins to show the figures of a run.</summary>
    /// <param name="local">Where the engine is bound; tells engines of one process apart.</param>
    /// <param name="read">Takes the figures; called from any thread.</param>
    public void Open(in Endpoint local, Func<EngineReading> read)
    {
        _source = new Source(read, [
            new("network.local.address", local.ToAddress().ToString()),
            new("network.local.port", (int)local.Port),
        ]);
        if (_meter == null)
        {
            var options = new MeterOptions(Name)
            {
                Version = typeof(EngineMeter).Assembly.GetName().Version?.ToString(3),
            };
            _meter = _factory?.Create(options) ?? new Meter(options);
            AddInstruments();
        }
    }

    /// <summary>Ends what <see cref="Open"/> began, and lets go of the run. May be called again.</summary>
    public void Close()
    {
        _source = null;
        if (_factory == null)
        {
            Meter? meter = _meter;
            _meter = null;
            meter?.Dispose();
        }
    }

    private void Count(string name, string unit, string description, Func<EngineReading, long?> figure) =>
        _meter!.CreateObservableCounter(name, () => Observe(figure), unit, description);

    private void Count(
        string name,
        string unit,
        string description,
        string key,
        params (string Value, Func<EngineReading, long?> Figure)[] parts) =>
        _meter!.CreateObservableCounter(name, () => Observe(key, parts), unit, description);

    private void Show(string name, string unit, string description, Func<EngineReading, long?> figure) =>
        _meter!.CreateObservableUpDownCounter(name, () => Observe(figure), unit, description);

    private Measurement<long>[] Observe(Func<EngineReading, long?> figure) =>
        _source is { } source && figure(source.Read()) is { } value ? [new Measurement<long>(value, source.Tags)] : [];

    private Measurement<long>[] Observe(string key, (string Value, Func<EngineReading, long?> Figure)[] parts)
    {
        if (_source is not { } source)
        {
            return [];
        }

        EngineReading reading = source.Read();
        var measurements = new Measurement<long>[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            measurements[i] = new Measurement<long>(
                parts[i].Figure(reading) ?? 0, [.. source.Tags, new(key, parts[i].Value)]);
        }

        return measurements;
    }

    private sealed record Source(Func<EngineReading> Read, KeyValuePair<string, object?>[] Tags);
}
