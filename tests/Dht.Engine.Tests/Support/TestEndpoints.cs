using Dht.Engine.Addressing;
using Dht.Engine.Tests.Engine;

namespace Dht.Engine.Tests.Support;

/// <summary>Endpoints for tests, each in a network of its own.</summary>
internal static class TestEndpoints
{
    /// <summary>Whether all of 127.0.0.0/8 is ours; on other systems only 127.0.0.1 is.</summary>
    public static bool HasManyAddresses => OperatingSystem.IsLinux();

    /// <summary>A local address in a /24 of its own, with port 0.</summary>
    public static Endpoint Place(int number) =>
        HasManyAddresses ? Endpoint.FromIPv4(0x7F5A_0001 + ((uint)number << 8), 0) : Loopback.AnyPort;

    /// <summary>A local address in a network of its own where nothing listens.</summary>
    public static Endpoint Nowhere(IpFamily family, int number) => family == IpFamily.IPv4
        ? Endpoint.FromIPv4(0x7F10_0001 + ((uint)number << 8), 9)
        : Endpoint.FromIPv6(0xFD00_0000_0000_0000 + ((ulong)number << 16), 1, 9);

    /// <summary>A public address in a network of its own, for nodes without a socket.</summary>
    public static Endpoint Public(IpFamily family, int number, ushort port = 6881) => family == IpFamily.IPv4
        ? Endpoint.FromIPv4(0x0800_0001 + ((uint)number << 8), port)
        : Endpoint.FromIPv6(0x2A00_0000_0000_0000 + ((ulong)number << 32), 1, port);
}
