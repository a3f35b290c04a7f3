namespace Dht.Engine.Transport;

/// <summary>
/// How long the batch transport naps between two drains. Datagrams that come one by one are cheapest taken in
/// batches, and batches only form while the reader waits; but a nap must not outlast the batch that it waits for.
/// </summary>
/// <remarks>
/// <code>
/// nothing since the last nap      sleep on the socket, and wake with the first datagram
/// fewer than <see cref="Few"/>                    nap twice as long, up to a millisecond
/// up to <see cref="Many"/>                        nap as long as before
/// more                            nap half as long, down to 62.5 microseconds
/// </code>
/// So up to 64,000 datagrams a second a nap is a millisecond, and at a million it is still of one batch or two. One
/// thread.
/// </remarks>
internal struct DrainPace
{
    /// <summary>A batch that was worth its nap.</summary>
    public const int Few = 16;

    /// <summary>A batch that one call to the system still takes in; more are not told apart.</summary>
    public const int Many = 64;

    public static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(1);
    public static readonly TimeSpan Shortest = Longest / (1 << HalvingsMax);

    private const int HalvingsMax = 4;

    private int _halvings;
    private int _sinceNap;

    /// <summary>Counts what a drain took in.</summary>
    public void Add(int datagrams) => _sinceNap = Math.Min(_sinceNap + datagrams, Many + 1);

    /// <summary>
    /// How long to nap now; zero when the socket has been quiet, so that the next datagram should end the wait at
    /// once.
    /// </summary>
    public TimeSpan Next()
    {
        int count = _sinceNap;
        _sinceNap = 0;
        if (count == 0)
        {
            _halvings = 0;
            return TimeSpan.Zero;
        }

        int change = count < Few ? -1 : count > Many ? 1 : 0;
        _halvings = Math.Clamp(_halvings + change, 0, HalvingsMax);
        return Longest / (1 << _halvings);
    }
}
