using Dht.Engine.Timing;
using Dht.Engine.Transport;
using Microsoft.Extensions.Logging;

namespace Dht.Engine;

/// <content>What the loop tells to logs and meters.</content>
internal sealed partial class EngineLoop
{
    // Strangers send rubbish all the time, and more than can be taken; one line in a while is enough.
    private static readonly TimeSpan FloodInterval = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan DropsInterval = TimeSpan.FromSeconds(1);

    // User code may throw at every packet; the log must not grow as fast as strangers can send.
    private static readonly TimeSpan FaultInterval = TimeSpan.FromSeconds(1);

    private readonly EngineMeter _meter;
    private readonly ILogger _log;
    private LogPace _faultPace = new(FaultInterval);
    private LogPace _malformedPace = new(FloodInterval);
    private LogPace _dropsPace = new(FloodInterval);
    private Instant _dropsLookedAt;

    /// <summary>What meters show; from any thread.</summary>
    public EngineReading Reading => new(Counters, Node.OpenQueries, _crawl is { IsOver: false } crawl ? crawl.Progress.Counters : null);

    private void TellStart()
    {
        _meter.Open(LocalEndpoint, () => Reading);
        _log.Started(LocalEndpoint, Node.Id, _transport.GetType().Name);
        TransportBuffers buffers = _transport.Buffers;
        if (buffers.IsReceiveClipped)
        {
            _log.ReceiveBufferClipped(buffers.Receive, buffers.Asked, Advice("net.core.rmem_max", buffers.Asked));
        }

        if (buffers.IsSendClipped)
        {
            _log.SendBufferClipped(buffers.Send, buffers.Asked, Advice("net.core.wmem_max", buffers.Asked));
        }
    }

    private void TellFault(Exception fault)
    {
        if (_faultPace.Take(_faults, _now) > 0)
        {
            _log.Fault(_faults, fault);
        }
    }

    private void TellMalformed()
    {
        if (_malformedPace.Take(_malformed, _now) is > 0 and long untold)
        {
            _log.Malformed(untold, _malformed);
        }
    }

    private void TellKernelDrops()
    {
        // It takes a call to the system to know.
        if (_now - _dropsLookedAt < DropsInterval)
        {
            return;
        }

        _dropsLookedAt = _now;
        long total = _transport.Counters.KernelDropped;
        if (_dropsPace.Take(total, _now) is > 0 and long untold)
        {
            _log.KernelDropped(untold, total);
        }
    }

    private void TellEnd(Exception? failure)
    {
        Guard(static (loop, _) => loop._meter.Close());
        if (failure == null)
        {
            _log.Stopped(LocalEndpoint);
        }
        else
        {
            _log.Failed(LocalEndpoint, failure);
        }
    }

    private static string Advice(string setting, int bytes) => OperatingSystem.IsLinux()
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"raise it by: sysctl -w {setting}={bytes}")
        : "raise the system's limit for socket buffers";
}
