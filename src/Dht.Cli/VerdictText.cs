using Dht.Engine.Addressing;

namespace Dht.Cli;

/// <summary>Says why nothing is sent to an endpoint, and what would change that.</summary>
internal static class VerdictText
{
    public static string Describe(in Endpoint endpoint, AddressVerdict verdict)
    {
        string address = endpoint.ToAddress().ToString();
        return verdict switch
        {
            AddressVerdict.Loopback => $"{address} is a loopback address; use --allow-loopback",
            AddressVerdict.Private => $"{address} is a private address; use --allow-loopback",
            AddressVerdict.CarrierNat => $"{address} is a carrier's private address; use --allow-loopback",
            AddressVerdict.LinkLocal => $"{address} is a link-local address; use --allow-loopback",
            AddressVerdict.Documentation => $"{address} is an address for documentation; use --allow-loopback",
            AddressVerdict.Benchmark => $"{address} is an address for benchmarks; use --allow-loopback",
            AddressVerdict.Multicast => $"{address} is a multicast address; no node can be there",
            AddressVerdict.EmbeddedIPv4 => $"{address} is an IPv4 address inside an IPv6 one; write the IPv4 address",
            _ => $"{address} is an address that no node can have",
        };
    }
}
