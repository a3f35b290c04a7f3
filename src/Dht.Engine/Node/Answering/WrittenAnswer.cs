using Dht.Engine.Addressing;
using Dht.Engine.Identity;

namespace Dht.Engine.Node;

/// <summary>An answer that has been written, and what it did.</summary>
internal readonly struct WrittenAnswer
{
    private WrittenAnswer(int length, bool isError, in InfoHash storedHash, in Endpoint storedPeer)
    {
        Length = length;
        IsError = isError;
        StoredHash = storedHash;
        StoredPeer = storedPeer;
    }

    /// <summary>Its bytes; 0 when it did not fit, and nothing is to be sent.</summary>
    public int Length { get; }

    /// <summary>Whether it is an error message.</summary>
    public bool IsError { get; }

    /// <summary>The torrent of the peer that was stored, when <see cref="HasStored"/>.</summary>
    public InfoHash StoredHash { get; }

    /// <summary>The peer that was stored.</summary>
    public Endpoint StoredPeer { get; }

    /// <summary>Whether the query announced a peer that was stored.</summary>
    public bool HasStored => StoredPeer.Family != IpFamily.None;

    public static WrittenAnswer Response(int length) => new(length, isError: false, default, default);

    public static WrittenAnswer Error(int length) => new(length, isError: true, default, default);

    public static WrittenAnswer Stored(int length, in InfoHash infoHash, in Endpoint peer) =>
        new(length, isError: false, infoHash, peer);
}
