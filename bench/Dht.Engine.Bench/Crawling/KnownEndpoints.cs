using Dht.Engine.Addressing;
using Dht.Engine.Randomness;

namespace Dht.Engine.Bench;

/// <summary>Endpoints without end, made from their number, so that ten million of them take no memory.</summary>
internal static class KnownEndpoints
{
    /// <summary>No two are equal.</summary>
    public static Endpoint At(uint number) =>
        Endpoint.FromIPv4(number * 0x9E3779B1, (ushort)(SeededRandomSource.Mix(number) | 1));

    /// <summary>Numbers below <paramref name="exclusiveMax"/>, in random order.</summary>
    public static uint[] Some(uint exclusiveMax, ulong seed)
    {
        var random = new SeededRandomSource(seed);
        return Inputs.Repeat(() => (uint)random.Next((int)exclusiveMax), 1 << 16);
    }
}
