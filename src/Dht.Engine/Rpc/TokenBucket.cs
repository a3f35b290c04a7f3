using Dht.Engine.Invariants;
using Dht.Engine.Timing;

namespace Dht.Engine.Rpc;

/// <summary>
/// A rate limit: tokens drip in at a steady rate up to a burst; every send takes one. A value; keep it in a field,
/// not in a <c>readonly</c> one.
/// </summary>
internal struct TokenBucket
{
    private readonly double _perTick;
    private readonly double _burst;
    private double _tokens;
    private Instant _filledAt;

    /// <summary>Creates a full bucket.</summary>
    /// <param name="perSecond">Tokens per second; 0 or less, or infinity, means no limit.</param>
    /// <param name="burst">The most tokens saved up; at least 1.</param>
    public TokenBucket(double perSecond, double burst)
    {
        _perTick = double.IsFinite(perSecond) ? perSecond / TimeSpan.TicksPerSecond : 0;
        _burst = Math.Max(1, burst);
        _tokens = _burst;
    }

    /// <summary>Whether there is no limit.</summary>
    public readonly bool IsUnlimited => _perTick <= 0;

    /// <summary>Whether a token is there now.</summary>
    public bool IsOpen(Instant now)
    {
        Fill(now);
        return IsUnlimited || _tokens >= 1;
    }

    /// <summary>Takes a token if one is there.</summary>
    public bool TryTake(Instant now)
    {
        if (!IsOpen(now))
        {
            return false;
        }

        _tokens -= IsUnlimited ? 0 : 1;
        Invariant.Holds(_tokens >= 0 && _tokens <= _burst, "a token that is taken was there");
        return true;
    }

    /// <summary>Puts back a token that was not used.</summary>
    public void GiveBack() => _tokens = Math.Min(_burst, _tokens + 1);

    /// <summary>Whether some tokens are there now.</summary>
    public bool Holds(double tokens, Instant now)
    {
        if (IsUnlimited)
        {
            return true;
        }

        Fill(now);
        return _tokens >= tokens;
    }

    /// <summary>Takes tokens, whether they are there or not: what is too much is made up for later.</summary>
    public void Spend(double tokens) => _tokens -= IsUnlimited ? 0 : tokens;

    /// <summary>When the next token is there.</summary>
    public Instant NextOpen(Instant now) =>
        IsOpen(now) ? now : now + TimeSpan.FromTicks((long)Math.Ceiling((1 - _tokens) / _perTick));

    private void Fill(Instant now)
    {
        if (now == _filledAt)
        {
            return;
        }

        // A clock that jumps back only starts a new interval.
        double elapsed = Math.Max(0, (now - _filledAt).Ticks);
        _filledAt = now;
        _tokens = Math.Min(_burst, _tokens + (elapsed * _perTick));
    }
}
