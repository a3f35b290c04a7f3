using System.Diagnostics;
using Dht.Engine.Bench.Load.Machine;

namespace Dht.Engine.Bench.Load.Generator;

/// <summary>
/// Gathers the figures between <see cref="Begin"/> and <see cref="End"/>. Counting allocates nothing.
/// </summary>
internal sealed class Measurement(int serverProcess)
{
    private readonly LatencyHistogram _latency = new();
    private readonly LatencyHistogram _lateness = new();
    private long _answered;
    private long _bytes;
    private long _others;
    private long _beganAt;
    private long _endedAt;
    private double _serverSeconds;
    private double _generatorSeconds;
    private double _machineSeconds;
    private long _allocated;

    public long Sent { get; set; }

    public long Answered => _answered;

    public void Begin(long now)
    {
        _latency.Clear();
        _lateness.Clear();
        Sent = 0;
        _answered = 0;
        _bytes = 0;
        _others = 0;
        _generatorSeconds = -ProcessorTime.SecondsOf(Environment.ProcessId);
        _machineSeconds = -MachineTime.BusySeconds();
        _serverSeconds = -ProcessorTime.SecondsOf(serverProcess);
        _beganAt = now;
        _allocated = -GC.GetAllocatedBytesForCurrentThread();
    }

    /// <summary>The end of the time that is measured; answers that come later may still be counted.</summary>
    public void End(long now)
    {
        _endedAt = now;
        _serverSeconds += ProcessorTime.SecondsOf(serverProcess);
        _generatorSeconds += ProcessorTime.SecondsOf(Environment.ProcessId);
        _allocated += GC.GetAllocatedBytesForCurrentThread();
        _machineSeconds += MachineTime.BusySeconds();
    }

    public void CountAnswer(long latency, int size)
    {
        _answered++;
        _bytes += size;
        _latency.Add(latency);
    }

    public void CountOther() => _others++;

    public void CountLateness(long ticks) => _lateness.Add(ticks);

    public LoadFigures Figures() => new()
    {
        Sent = Sent,
        Answered = _answered,
        Others = _others,
        Seconds = Stopwatch.GetElapsedTime(_beganAt, _endedAt).TotalSeconds,
        ServerSeconds = _serverSeconds,
        GeneratorSeconds = _generatorSeconds,
        StrangerSeconds = Math.Max(0, _machineSeconds - _serverSeconds - _generatorSeconds),
        GeneratorBytes = _allocated,
        ReplySize = _answered == 0 ? 0 : (double)_bytes / _answered,
        P50 = _latency.Percentile(0.5),
        P99 = _latency.Percentile(0.99),
        P999 = _latency.Percentile(0.999),
        Max = _latency.Max,
        LateP999 = _lateness.Percentile(0.999),
    };
}
