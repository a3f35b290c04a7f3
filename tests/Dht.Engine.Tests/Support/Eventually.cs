using System.Diagnostics;
using Dht.Engine.Tests.Engine;

namespace Dht.Engine.Tests.Support;

/// <summary>Waits for what must come to hold, on the clock of the machine.</summary>
internal static class Eventually
{
    public static async Task Holds(Func<bool> condition, string what)
    {
        var waited = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(
                waited.Elapsed < Loopback.Patience,
                $"In {Loopback.Patience.TotalSeconds} s it never came that {what}.");
            await Task.Delay(5);
        }
    }
}
