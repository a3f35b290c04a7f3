using Dht.Engine.Addressing;

namespace Dht.Engine.Testing.Simulation;

/// <summary>What a datagram under way carries outside.</summary>
internal struct DatagramHeader
{
    /// <summary>Index of the node that sent it.</summary>
    public int Source;

    /// <summary>Index of the node that it goes to; the next free place where the place is free.</summary>
    public int Destination;

    public ushort Length;

    /// <summary>Over which family.</summary>
    public IpFamily Family;
}
