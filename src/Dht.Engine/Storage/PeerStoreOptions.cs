using System.Runtime.CompilerServices;

namespace Dht.Engine.Storage;

/// <summary>
/// The bounds of the built-in <see cref="PeerStore"/>, which holds memory for all of them from the start.
/// </summary>
public sealed record PeerStoreOptions
{
    /// <summary>The most infohashes, 1 to <see cref="PeerStore.CapacityMax"/>.</summary>
    public int InfoHashCapacity { get; init; } = 4_096;

    /// <summary>The most peers in all, 1 to <see cref="PeerStore.CapacityMax"/>.</summary>
    public int PeerCapacity { get; init; } = 65_536;

    /// <summary>
    /// The most peers of one infohash and one family; 1 or more. A newcomer beyond them takes the place of the oldest
    /// of its family.
    /// </summary>
    public int PeersPerInfoHash { get; init; } = 500;

    internal void Validate()
    {
        const int max = PeerStore.CapacityMax;
        ThrowIf(InfoHashCapacity is < 1 or > max, InfoHashCapacity, $"InfoHashCapacity must be 1 to {max}.");
        ThrowIf(PeerCapacity is < 1 or > max, PeerCapacity, $"PeerCapacity must be 1 to {max}.");
        ThrowIf(PeersPerInfoHash < 1, PeersPerInfoHash, "PeersPerInfoHash must be 1 or more.");
    }

    private static void ThrowIf(
        bool isWrong, int value, string message, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (isWrong)
        {
            throw new ArgumentOutOfRangeException(name, value, message);
        }
    }
}
