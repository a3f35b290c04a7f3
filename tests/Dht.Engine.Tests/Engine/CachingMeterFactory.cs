using System.Diagnostics.Metrics;

namespace Dht.Engine.Tests.Engine;

/// <summary>As the one of dependency injection: one meter for each name, which only the factory disposes.</summary>
internal sealed class CachingMeterFactory : IMeterFactory
{
    private readonly Dictionary<string, OwnedMeter> _meters = [];

    public int Count => _meters.Count;

    public Meter Create(MeterOptions options)
    {
        if (!_meters.TryGetValue(options.Name, out OwnedMeter? meter))
        {
            meter = new OwnedMeter(options);
            _meters.Add(options.Name, meter);
        }

        return meter;
    }

    public void Dispose()
    {
        foreach (OwnedMeter meter in _meters.Values)
        {
            meter.Release();
        }
    }

    private sealed class OwnedMeter(MeterOptions options) : Meter(options)
    {
        private bool _released;

        public void Release()
        {
            _released = true;
            Dispose();
        }

        protected override void Dispose(bool disposing)
        {
            if (_released)
            {
                base.Dispose(disposing);
            }
        }
    }
}
