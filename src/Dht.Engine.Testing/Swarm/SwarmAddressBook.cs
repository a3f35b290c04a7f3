using Dht.Engine.Addressing;

namespace Dht.Engine.Testing.Swarm;

/// <summary>
/// Where the nodes lie: node i at 127.1.0.0 + i, all on one port; or all at 127.0.0.1, each on a port of its own.
/// Immutable.
/// </summary>
internal sealed class SwarmAddressBook
{
    public const uint FirstAddress = 0x7F010000;

    /// <summary>127.255.255.254; the one after it is the broadcast address.</summary>
    public const uint LastAddress = 0x7FFFFFFE;

    private const uint Localhost = 0x7F000001;

    private readonly ushort[]? _ports;
    private readonly Dictionary<ushort, int>? _indexes;

    /// <summary>One port, many addresses.</summary>
    public SwarmAddressBook(int count, ushort port)
    {
        Count = count;
        Port = port;
    }

    /// <summary>One address, many ports.</summary>
    public SwarmAddressBook(ushort[] ports)
    {
        Count = ports.Length;
        Port = ports[0];
        _ports = ports;
        _indexes = new Dictionary<ushort, int>(ports.Length);
        for (int i = 0; i < ports.Length; i++)
        {
            _indexes.Add(ports[i], i);
        }
    }

    public int Count { get; }

    /// <summary>The port of node 0.</summary>
    public ushort Port { get; }

    public static bool IsLoopback(uint address) => address >> 24 == 127;

    public Endpoint this[int index] => _ports == null
        ? Endpoint.FromIPv4(FirstAddress + (uint)index, Port)
        : Endpoint.FromIPv4(Localhost, _ports[index]);

    public bool TryGetIndex(in Endpoint endpoint, out int index)
    {
        index = -1;
        if (!endpoint.IsIPv4)
        {
            return false;
        }

        if (_indexes != null)
        {
            return endpoint.IPv4Bits == Localhost && _indexes.TryGetValue(endpoint.Port, out index);
        }

        return endpoint.Port == Port && TryGetIndex(endpoint.IPv4Bits, out index);
    }

    /// <summary>With one port, the node at an address.</summary>
    public bool TryGetIndex(uint address, out int index)
    {
        uint offset = unchecked(address - FirstAddress);
        index = offset < (uint)Count ? (int)offset : -1;
        return index >= 0;
    }
}
