using Dht.Engine.Storage;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>Turns over the secrets of the write tokens.</summary>
internal sealed class TokenRotation(TokenVault tokens, Instant now)
{
    private Instant _rotatedAt = now;

    public void Rotate(Instant now)
    {
        // After a long sleep the last secret is as old as the one before it.
        bool isLate = now - _rotatedAt > 2 * TokenVault.RotationInterval;
        _rotatedAt = now;
        tokens.Rotate();
        if (isLate)
        {
            tokens.Rotate();
        }
    }
}
