using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Timing;

public class VirtualClockTests
{
    [Fact]
    public void StandsStillUntilMoved()
    {
        var clock = new VirtualClock();
        Assert.Equal(Instant.Zero, clock.Now);
        Assert.Equal(new Instant(10_000_000), clock.Advance(TimeSpan.FromSeconds(1)));
        Assert.Equal(new Instant(10_000_000), clock.Now);
        Assert.Equal(clock.Now, clock.Advance(TimeSpan.Zero));
    }

    [Fact]
    public void NeverGoesBack()
    {
        var clock = new VirtualClock();
        Assert.Throws<ArgumentOutOfRangeException>(() => clock.Advance(TimeSpan.FromTicks(-1)));
        Assert.Equal(Instant.Zero, clock.Now);
        clock.Advance(TimeSpan.MaxValue);
        Assert.Equal(Instant.Never, clock.Advance(TimeSpan.MaxValue));
    }
}
