using Dht.Engine.Timing;
using Dht.Engine.Transport;

namespace Dht.Cli.Output;

/// <summary>A count's growth per second since it was last looked at.</summary>
internal sealed class Rate
{
    private Instant _at = SystemClock.Instance.Now;
    private long _count;

    public double Since(long count)
    {
        Instant now = SystemClock.Instance.Now;
        double seconds = (now - _at).TotalSeconds;
        double rate = seconds > 0 ? (count - _count) / seconds : 0;
        _at = now;
        _count = count;
        return rate;
    }
}
