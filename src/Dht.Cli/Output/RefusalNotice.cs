using Dht.Cli.Joining;
using Dht.Engine.Addressing;
using Dht.Engine.Transport;

namespace Dht.Cli.Output;

/// <summary>Says that the system refuses to send: when that begins, and again each minute while it goes on.</summary>
internal sealed class RefusalNotice
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private long _said;
    private TimeSpan _saidAt;

    /// <param name="local">Our socket.</param>
    /// <param name="counters">Its counters.</param>
    /// <param name="elapsed">Since the start.</param>
    /// <returns>A line; null when there is nothing to say.</returns>
    public string? Look(in Endpoint local, in TransportCounters counters, TimeSpan elapsed)
    {
        if (counters.SendErrors == _said || (_said > 0 && elapsed - _saidAt < Interval))
        {
            return null;
        }

        _said = counters.SendErrors;
        _saidAt = elapsed;
        string packets = _said == 1 ? "1 packet" : $"{Human.Count(_said)} packets";
        return $"the system refuses to send from {local} ({SilenceReason.Describe(counters.LastSendError)}), {packets} "
            + "so far";
    }
}
