using System.Globalization;
using System.Net.Sockets;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Timing;
using Dht.Engine.Transport;
using Microsoft.Extensions.Logging;

namespace Dht.Engine;

/// <summary>What the loop writes to the log and shows on the meter. On the loop's thread.</summary>
internal sealed class LoopTelemetry(EngineMeter meter, ILogger log)
{
    // Strangers send rubbish all the time, and more than can be taken; one line in a while is enough.
    private static readonly TimeSpan FloodInterval = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan LossesInterval = TimeSpan.FromSeconds(1);

    private LogPace _malformedPace = new(FloodInterval);
    private LogPace _dropsPace = new(FloodInterval);
    private LogPace _refusalsPace = new(FloodInterval);
    private Instant _lossesReadAt;

    /// <summary>Opens the meter and logs the start.</summary>
    /// <param name="transport">Carries the datagrams.</param>
    /// <param name="id">The node's.</param>
    /// <param name="read">Takes the figures; called from any thread.</param>
    public void ReportStart(IDatagramTransport transport, in NodeId id, Func<EngineReading> read)
    {
        meter.Open(transport.LocalEndpoint, read);
        log.Started(transport.LocalEndpoint, id, transport.GetType().Name);
        TransportBuffers buffers = transport.Buffers;
        if (buffers.IsReceiveClipped)
        {
            log.ReceiveBufferClipped(buffers.Receive, buffers.Asked, Advice("net.core.rmem_max", buffers.Asked));
        }

        if (buffers.IsSendClipped)
        {
            log.SendBufferClipped(buffers.Send, buffers.Asked, Advice("net.core.wmem_max", buffers.Asked));
        }
    }

    /// <summary>Logs malformed datagrams, from time to time.</summary>
    /// <param name="total">How many there have been.</param>
    /// <param name="now">The time.</param>
    public void LogMalformed(long total, Instant now)
    {
        if (_malformedPace.Take(total, now) is > 0 and long unlogged)
        {
            log.Malformed(unlogged, total);
        }
    }

    /// <summary>Logs datagrams that the system threw away or refused to send, from time to time.</summary>
    public void LogLosses(IDatagramTransport transport, Instant now)
    {
        // It takes a call to the system to know.
        if (now - _lossesReadAt < LossesInterval)
        {
            return;
        }

        _lossesReadAt = now;
        TransportCounters counters = transport.Counters;
        if (_dropsPace.Take(counters.KernelDropped, now) is > 0 and long dropped)
        {
            log.KernelDropped(dropped, counters.KernelDropped);
        }

        if (_refusalsPace.Take(counters.SendErrors, now) is > 0 and long refused)
        {
            string reason = new SocketException((int)counters.LastSendError).Message;
            log.SendRefused(transport.LocalEndpoint, reason, refused, counters.SendErrors);
        }
    }

    /// <summary>Closes the meter.</summary>
    public void CloseMeter() => meter.Close();

    /// <summary>Logs the end, or the failure that ended the loop.</summary>
    public void LogEnd(in Endpoint local, Exception? failure)
    {
        if (failure == null)
        {
            log.Stopped(local);
        }
        else
        {
            log.Failed(local, failure);
        }
    }

    private static string Advice(string setting, int bytes) => OperatingSystem.IsLinux()
        ? string.Create(CultureInfo.InvariantCulture, $"raise it by: sysctl -w {setting}={bytes}")
        : "raise the system's limit for socket buffers";
}
