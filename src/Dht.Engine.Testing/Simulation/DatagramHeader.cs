using Dht.Engine.Addressing;

namespace Dht.Engine.Testing.Simulation;

/// <summary>What is written on the outside of a datagram under way.</summary>
internal struct DatagramHeader
{
    /// <summary>Index of the node that sent it; negative when no node lives at the source.</summary>
    public int Source;

    /// <summary>Index of the node that it goes to; the next free place where the place is free.</summary>
    public int Destination;

    public int Length;

    /// <summary>The endpoint that it comes from.</summary>
    public Endpoint From;
}
