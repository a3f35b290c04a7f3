using System.Runtime.CompilerServices;

namespace Dht.Engine.Addressing;

/// <summary>
/// A keyed hash of endpoints, for every table whose keys an outsider chooses: without the key nobody can aim two
/// endpoints at one place. Two rounds of a folded 64 x 64 -> 128-bit multiplication; not a MAC, so its values are
/// never shown to anybody.
/// </summary>
/// <param name="Key0">Random bits.</param>
/// <param name="Key1">More random bits.</param>
internal readonly record struct EndpointHasher(ulong Key0, ulong Key1)
{
    /// <summary>The hash of address and port.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Hash(in Endpoint endpoint) =>
        Fold(Fold(endpoint.LowerBits ^ Key0, endpoint.UpperBits ^ Key1) ^ endpoint.Port ^ Key1, Key0 | 1);

    /// <summary>
    /// The hash of the address alone, without the lower 64 bits of an IPv6 one: equal for endpoints of the same site,
    /// see <see cref="Endpoint.HasSameSite"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong HashSite(in Endpoint endpoint) =>
        Fold(Fold((endpoint.IsIPv6 ? 0 : endpoint.LowerBits) ^ Key1, endpoint.UpperBits ^ Key0) ^ Key0, Key1 | 1);

    /// <summary>The hash of 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Hash(ulong value) => Fold(Fold(value ^ Key0, Key1) ^ Key1, Key0 | 1);

    private static ulong Fold(ulong left, ulong right)
    {
        ulong high = Math.BigMul(left, right, out ulong low);
        return high ^ low;
    }
}
