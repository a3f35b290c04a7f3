using Dht.Engine.Timing;

namespace Dht.Engine.Crawling;

/// <summary>
/// Which nodes are asked again once all are asked: first those still owed a query, then those that refused, when they
/// have had time, and when nothing else is left the silent.
/// </summary>
/// <param name="frontier">Finds them.</param>
internal sealed class CrawlPasses(CrawlFrontier frontier)
{
    // So often in a row nothing of a pass gets out, though the line works: then nothing will.
    private const int FruitlessMax = 3;

    private static readonly TimeSpan RefusalWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan OwedWait = TimeSpan.FromSeconds(0.2);
    private static readonly TimeSpan DownWait = TimeSpan.FromSeconds(1);

    private CrawlStep _pass;
    private Instant _refusedAt;
    private Instant _owedAt;
    private Instant _owedBegan;
    private long _gotOutBefore;
    private int _fruitless;

    /// <summary>Whether only an answer tells addresses that cannot be sent to from a line that is down.</summary>
    public bool NeedsProof { get; private set; }

    private bool HasOwed => frontier.HasAny(CrawlStep.Owed) && _fruitless < FruitlessMax;

    /// <summary>A node has refused and is to be asked again.</summary>
    /// <param name="times">How often it has.</param>
    /// <param name="now">The current instant.</param>
    public void OnRefused(int times, Instant now)
    {
        _refusedAt = Instant.Max(_refusedAt, now + (RefusalWait * times));
    }

    /// <summary>Ends a pass when all is used up and settled, and begins the next if there is one.</summary>
    /// <param name="gotOut">Queries that have left this machine so far.</param>
    /// <param name="line">Says whether the line works.</param>
    /// <param name="isDown">Whether a family cannot be sent to that could be before.</param>
    /// <param name="now">The current instant.</param>
    /// <returns>When there is something to do; never, when the frontier is exhausted.</returns>
    public Instant Turn(long gotOut, LineWatch line, bool isDown, Instant now)
    {
        if (_pass == CrawlStep.Owed)
        {
            EndOwed(gotOut > _gotOutBefore, line, isDown, now);
        }

        _pass = Choose(now);
        if (_pass == CrawlStep.Done)
        {
            frontier.Exhaust();
            return Instant.Never;
        }

        if (_pass == CrawlStep.Heard)
        {
            return Instant.Min(
                HasOwed ? _owedAt : Instant.Never, frontier.HasAny(CrawlStep.Refused) ? _refusedAt : Instant.Never);
        }

        _gotOutBefore = gotOut;
        _owedBegan = _pass == CrawlStep.Owed && !NeedsProof ? now : _owedBegan;
        frontier.BeginPass(_pass);
        return now;
    }

    /// <summary>Lets what could not be sent be tried again.</summary>
    public void Restart()
    {
        _fruitless = 0;
        _owedAt = default;
        NeedsProof = false;
    }

    /// <summary>Whom the next pass is for: Done for nobody any more, Heard for nobody yet.</summary>
    private CrawlStep Choose(Instant now)
    {
        bool hasRefused = frontier.HasAny(CrawlStep.Refused);
        return HasOwed && now >= _owedAt ? CrawlStep.Owed
            : hasRefused && now >= _refusedAt ? CrawlStep.Refused
            : frontier.HasAny(CrawlStep.Silent) ? CrawlStep.Silent
            : HasOwed || hasRefused ? CrawlStep.Heard
            : CrawlStep.Done;
    }

    private void EndOwed(bool isFruitful, LineWatch line, bool isDown, Instant now)
    {
        if (isFruitful)
        {
            Restart();
        }
        else if (isDown)
        {
            _owedAt = now + DownWait;
        }
        else
        {
            // Somebody has answered meanwhile, or nobody ever did: what does not get out then will not later.
            NeedsProof = line.HasAnswered && line.AnsweredAt <= _owedBegan;
            _fruitless += NeedsProof ? 0 : 1;
            _owedAt = now + OwedWait;
        }
    }
}
