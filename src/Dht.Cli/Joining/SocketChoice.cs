using System.Net.Sockets;
using Dht.Engine.Addressing;

namespace Dht.Cli.Joining;

/// <summary>Which wildcard address to bind when the user has named none: one that reaches those to be asked.</summary>
internal static class SocketChoice
{
    /// <summary>
    /// Whether an IPv4 socket at <paramref name="bind"/> reaches this machine alone, so that no public router can
    /// answer.
    /// </summary>
    public static bool IsLocal(in Endpoint bind) =>
        AddressPolicy.Classify(bind.WithPort(1)) == AddressVerdict.Loopback;

    /// <summary>The families that a socket reaches.</summary>
    public static IpFamily FamiliesOf(in Endpoint bind) =>
        bind is { IsIPv6: true, IsUnspecified: true } ? IpFamily.Both : bind.Family;

    /// <summary>
    /// IPv4 alone for those that have IPv4 addresses only, both families otherwise: what a name stands for may be dead
    /// in either.
    /// </summary>
    /// <param name="found">Those to be asked. When it is empty, either family may turn up yet.</param>
    /// <param name="port">The port; 0 lets the system choose.</param>
    /// <param name="hasIPv6">Whether this machine has IPv6 at all.</param>
    public static Endpoint WildcardFor(IReadOnlyCollection<Endpoint> found, ushort port, bool hasIPv6) =>
        hasIPv6 && (found.Count == 0 || found.Any(static endpoint => endpoint.IsIPv6))
            ? Endpoint.FromIPv6(0, 0, port)
            : Endpoint.FromIPv4(0, port);

    /// <summary>
    /// As <see cref="WildcardFor"/>, but IPv4 alone as long as one of them can be reached that way: what an ordinary
    /// user of the public network is given.
    /// </summary>
    /// <param name="found">Those to be asked.</param>
    /// <param name="port">The port; 0 lets the system choose.</param>
    /// <param name="hasIPv6">Whether this machine has IPv6 at all.</param>
    /// <param name="hasRoute">Whether the system knows a way to an endpoint.</param>
    public static Endpoint UsualFor(
        IReadOnlyCollection<Endpoint> found, ushort port, bool hasIPv6, Func<Endpoint, bool> hasRoute) =>
        found.Count == 0 || found.Any(endpoint => endpoint.IsIPv4 && hasRoute(endpoint))
            ? Endpoint.FromIPv4(0, port)
            : WildcardFor(found, port, hasIPv6);

    /// <summary>Whether the system knows a way to an endpoint. Nothing is sent.</summary>
    public static bool HasRoute(Endpoint endpoint)
    {
        try
        {
            var address = endpoint.ToAddress();
            using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(address, endpoint.Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
