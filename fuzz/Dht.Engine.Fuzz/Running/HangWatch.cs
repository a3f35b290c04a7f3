namespace Dht.Engine.Fuzz.Running;

/// <summary>Ends the process with a report when one input takes too long.</summary>
internal sealed class HangWatch : IDisposable
{
    private const int SecondsMax = 10;

    private readonly InputFeeder _feeder;
    private readonly Timer _timer;
    private long _seen = -1;
    private int _secondsStuck;

    /// <summary>Watches from now on.</summary>
    public HangWatch(InputFeeder feeder)
    {
        _feeder = feeder;
        _timer = new Timer(_ => Check(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Check()
    {
        // Zero between two inputs: then something else takes long.
        long running = _feeder.Running;
        _secondsStuck = running != 0 && running == _seen ? _secondsStuck + 1 : 0;
        _seen = running;
        if (_secondsStuck >= SecondsMax)
        {
            _feeder.Report($"no end within {SecondsMax} s");
            Environment.Exit(1);
        }
    }
}
