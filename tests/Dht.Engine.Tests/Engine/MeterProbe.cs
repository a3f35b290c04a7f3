using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Dht.Engine.Addressing;

namespace Dht.Engine.Tests.Engine;

/// <summary>
/// A collector that listens to all meters of engines in this process, and shows those of one local endpoint.
/// </summary>
internal sealed class MeterProbe : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<Instrument, bool> _completed = new();
    private readonly List<(Instrument Instrument, long Value, KeyValuePair<string, object?>[] Tags)> _seen = [];

    public MeterProbe()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == EngineMeter.Name)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.MeasurementsCompleted = (instrument, _) => _completed[instrument] = true;
        _listener.SetMeasurementEventCallback<long>(
            (instrument, value, tags, _) => _seen.Add((instrument, value, tags.ToArray())));
        _listener.Start();
    }

    /// <summary>The instruments that showed something at the last look.</summary>
    public IReadOnlyCollection<Instrument> Instruments { get; private set; } = [];

    /// <summary>Whether an instrument is gone for good.</summary>
    public bool IsCompleted(Instrument instrument) => _completed.ContainsKey(instrument);

    /// <summary>
    /// What the instruments of an engine show now: by name, with the value of a further tag after a slash.
    /// </summary>
    public Dictionary<string, long> Collect(Endpoint local)
    {
        _seen.Clear();
        _listener.RecordObservableInstruments();
        var figures = new Dictionary<string, long>();
        var instruments = new HashSet<Instrument>();
        foreach ((Instrument instrument, long value, KeyValuePair<string, object?>[] tags) in _seen)
        {
            Assert.Equal("network.local.address", tags[0].Key);
            Assert.Equal("network.local.port", tags[1].Key);
            Assert.InRange(tags.Length, 2, 3);
            if (Equals(tags[0].Value, local.ToAddress().ToString()) && Equals(tags[1].Value, (int)local.Port))
            {
                string name = instrument.Name + (tags.Length > 2 ? $"/{tags[2].Key}={tags[2].Value}" : "");
                figures.Add(name, value);
                instruments.Add(instrument);
            }
        }

        Instruments = instruments;
        return figures;
    }

    public void Dispose() => _listener.Dispose();
}
