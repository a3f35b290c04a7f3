using Dht.Engine.Timing;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Hostile;

/// <summary>The machine's clock, set forward and back, as that of a machine that slept or was moved.</summary>
internal sealed class JumpingClock : IClock
{
    private long _jumped = TimeSpan.FromDays(10).Ticks;

    public Instant Now => SystemClock.Instance.Now + TimeSpan.FromTicks(Interlocked.Read(ref _jumped));

    public void Jump(TimeSpan span) => Interlocked.Add(ref _jumped, span.Ticks);
}
