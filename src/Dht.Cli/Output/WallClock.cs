using Dht.Engine.Timing;
using Dht.Engine.Transport;

namespace Dht.Cli.Output;

/// <summary>
/// Turns instants of <see cref="SystemClock"/> into dates. The two clocks are read together once, so that the order
/// of instants survives when somebody sets the machine's date.
/// </summary>
internal sealed class WallClock
{
    private readonly DateTime _origin = DateTime.UtcNow - (SystemClock.Instance.Now - Instant.Zero);

    public DateTime At(Instant instant) => _origin + (instant - Instant.Zero);
}
