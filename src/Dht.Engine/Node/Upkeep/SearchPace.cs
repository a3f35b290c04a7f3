using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// When the node searches next for contacts: a second later while searches bring many, then less and less often. What
/// counts is the most contacts there were, which fades slowly, and an eighth more: those that come and go are no gain.
/// </summary>
internal sealed class SearchPace
{
    private const int FadeDivisor = 32;
    private const int GainDivisor = 8;

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    private readonly TimeSpan _longest;
    private Instant _due;
    private TimeSpan _interval = Shortest;
    private int _most;

    /// <param name="longest">The longest pause.</param>
    /// <param name="now">When the first search is due.</param>
    public SearchPace(TimeSpan longest, Instant now)
    {
        _longest = longest;
        _due = now;
    }

    public bool IsDue(Instant now) => now >= _due;

    /// <summary>A search begins.</summary>
    /// <param name="contacts">How many contacts there are now.</param>
    /// <param name="now">The current instant.</param>
    public void Note(int contacts, Instant now)
    {
        bool grew = contacts > _most + (_most / GainDivisor);
        _most = Math.Max(contacts, _most - (_most / FadeDivisor));
        _interval = grew ? Shortest : TimeSpan.FromTicks(Math.Min(_interval.Ticks * 2, _longest.Ticks));
        _due = now + _interval;
    }

    /// <summary>Begins again at short pauses.</summary>
    public void Restart(Instant now)
    {
        _interval = Shortest;
        _due = now;
    }
}
