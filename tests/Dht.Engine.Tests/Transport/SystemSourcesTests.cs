using System.Globalization;
using Dht.Engine.Tests.Support;
using Dht.Engine.Timing;
using Dht.Engine.Transport;

namespace Dht.Engine.Tests.Transport;

public sealed class SystemSourcesTests
{
    [Fact]
    public void TheClock_NeverGoesBack()
    {
        Instant last = Instant.Zero;
        for (int i = 0; i < 100_000; i++)
        {
            Instant now = SystemClock.Instance.Now;
            Assert.True(now >= last && now > Instant.Zero);
            last = now;
        }
    }

    /// <summary>
    /// Linux writes into /proc/uptime, in hundredths of a second, the clock that also counts while the machine is
    /// suspended.
    /// </summary>
    [Fact]
    public void OnLinux_TheClockCountsTheTimeThatTheMachineIsSuspended()
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess)
        {
            return;
        }

        long before = Uptime();
        long read = SystemClock.Read();
        Assert.InRange(read, before, Uptime() + (TimeSpan.TicksPerSecond / 100));
    }

    [Fact]
    public void ReadingTheClock_AllocatesNothing() =>
        AllocationGuard.AssertNone(SystemClock.Instance, static clock => _ = clock.Now);

    [Fact]
    public void TheRandomSource_FillsEveryLength()
    {
        var random = new SystemRandomSource();
        foreach (int length in new[] { 0, 1, 3, 20, 4095, 4096, 4097, 10_000 })
        {
            byte[] bytes = new byte[length];
            random.Fill(bytes);
            Assert.True(length < 20 || bytes.Distinct().Count() > 5);
        }

        Assert.NotEqual(random.NextUInt64(), random.NextUInt64());
        var seen = new HashSet<uint>();
        for (int i = 0; i < 5_000; i++)
        {
            seen.Add(random.NextUInt32());
        }

        Assert.InRange(seen.Count, 4_990, 5_000);
    }

    [Fact]
    public void Both_AllocateNothing() =>
        Assert.Equal(0, AllocationGuard.OnThread(new SystemRandomSource(), static random =>
    {
        Span<byte> bytes = stackalloc byte[20];
        for (int i = 0; i < 10_000; i++)
        {
            random.Fill(bytes);
            _ = random.NextUInt32() + random.NextUInt64() + (ulong)SystemClock.Instance.Now.Ticks;
        }
    }));

    private static long Uptime()
    {
        string text = File.ReadAllText("/proc/uptime");
        int end = text.IndexOf(' ', StringComparison.Ordinal);
        return (long)(decimal.Parse(text[..end], CultureInfo.InvariantCulture) * TimeSpan.TicksPerSecond);
    }
}
