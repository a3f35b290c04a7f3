using System.Security.Cryptography;
using Dht.Engine.Addressing;
using Dht.Engine.Identity;
using Dht.Engine.Invariants;
using Dht.Engine.Randomness;

namespace Dht.Engine.Storage;

/// <summary>
/// Writes and checks the write tokens of get_peers and announce_peer (BEP 5): the first 8 bytes of HMAC-SHA-256 over
/// the asker's address and the infohash, under a secret that only we know. The last secret stays good for one more
/// interval.
/// </summary>
/// <remarks>
/// <code>
/// secret of the interval, 16 | address, 4 or 16 | infohash, 20   lengths differ by family: no two are alike
/// </code>
/// The key itself stays; what changes with the interval goes before the message, and is as unknown to others. A MAC
/// that is prepared once costs half of one that is created for each token. The port is left out, because a NAT may
/// map the announce to another port than its get_peers. Allocates only when created; one thread.
/// </remarks>
internal sealed class TokenVault
{
    /// <summary>Bytes of a token.</summary>
    public const int TokenSize = 8;

    private const int KeySize = 32;
    private const int SecretSize = 16;

    private readonly IRandomSource _random;
    private readonly IncrementalHash _mac;
    private readonly byte[] _current = new byte[SecretSize];
    private readonly byte[] _previous = new byte[SecretSize];

    /// <summary>Draws the key and the first two secrets.</summary>
    public TokenVault(IRandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        _random = random;
        Span<byte> key = stackalloc byte[KeySize];
        _random.Fill(key);
        _mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        _random.Fill(_current);
        _random.Fill(_previous);
    }

    /// <summary>How long a secret is the current one; a token is good for one to two of these.</summary>
    public static TimeSpan RotationInterval => TimeSpan.FromMinutes(5);

    /// <summary>Draws a new secret; tokens of the one before the last are now worthless.</summary>
    public void Rotate()
    {
        _current.CopyTo(_previous, 0);
        _random.Fill(_current);
        Invariant.Holds(!_current.AsSpan().SequenceEqual(_previous), "a new secret is not the one before it");
    }

    /// <summary>
    /// Writes the token for an address and an infohash into the first 8 bytes of <paramref name="destination"/>.
    /// </summary>
    public void Write(in Endpoint asker, in InfoHash infoHash, Span<byte> destination) =>
        Compute(_current, asker, infoHash, destination);

    /// <summary>Whether a token was given to this address for this infohash under one of the two secrets.</summary>
    public bool Check(ReadOnlySpan<byte> token, in Endpoint asker, in InfoHash infoHash)
    {
        if (token.Length != TokenSize)
        {
            return false;
        }

        Span<byte> expected = stackalloc byte[TokenSize];
        Compute(_current, asker, infoHash, expected);
        if (CryptographicOperations.FixedTimeEquals(token, expected))
        {
            return true;
        }

        Compute(_previous, asker, infoHash, expected);
        return CryptographicOperations.FixedTimeEquals(token, expected);
    }

    private void Compute(ReadOnlySpan<byte> secret, in Endpoint asker, in InfoHash infoHash, Span<byte> destination)
    {
        Span<byte> message = stackalloc byte[SecretSize + Endpoint.CompactSizeIPv6 + InfoHash.Size];
        secret.CopyTo(message);
        int length = SecretSize + asker.WriteCompact(message[SecretSize..]) - sizeof(ushort);
        infoHash.CopyTo(message[length..]);
        _mac.AppendData(message[..(length + InfoHash.Size)]);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        _mac.GetHashAndReset(mac);
        mac[..TokenSize].CopyTo(destination);
    }
}
