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
    private Instant _faultToldAt;
    private long _faultsTold;
    private Instant _malformedToldAt;
    private long _malformedTold;
    private Instant _dropsLookedAt;
    private Instant _dropsToldAt;
    private long _dropsTold;

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
        if (_faultsTold > 0 && _now - _faultToldAt < FaultInterval)
        {
            return;
        }

        _log.Fault(_faults, fault);
        _faultsTold = _faults;
        _faultToldAt = _now;
    }

    private void TellMalformed()
    {
        long total = _malformed;
        if (total == _malformedTold || (_malformedTold > 0 && _now - _malformedToldAt < FloodInterval))
        {
            return;
        }

        _log.Malformed(total - _malformedTold, total);
        _malformedTold = total;
        _malformedToldAt = _now;
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
        if (total == _dropsTold || (_dropsTold > 0 && _now - _dropsToldAt < FloodInterval))
        {
            return;
        }

        _log.KernelDropped(total - _dropsTold, total);
        _dropsTold = total;
        _dropsToldAt = _now;
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
