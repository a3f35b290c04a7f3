using Dht.Engine.Timing;

namespace Dht.Engine.Testing.Simulation;

/// <summary>
/// A firewall on the way out: so many datagrams a second pass, and the system refuses to send the rest.
/// </summary>
internal sealed class SendGate(int perSecond)
{
    private const int Burst = 5;

    // When all that has passed would have passed at an even pace.
    private Instant _evenAt;

    public int PerSecond => perSecond;

    public bool LetsOut(Instant now)
    {
        if (perSecond == 0)
        {
            return false;
        }

        TimeSpan step = TimeSpan.FromSeconds(1) / perSecond;
        _evenAt = _evenAt < now ? now : _evenAt;
        if (_evenAt - now > (Burst - 1) * step)
        {
            return false;
        }

        _evenAt += step;
        return true;
    }
}
