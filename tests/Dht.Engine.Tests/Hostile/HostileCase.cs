using Dht.Engine.Tests.Krpc;

namespace Dht.Engine.Tests.Hostile;

/// <summary>A datagram that no honest node sends, and what is right to do with it.</summary>
internal sealed record HostileCase(string Name, byte[] Datagram, Outcome Outcome)
{
    public HostileCase(string name, string datagram, Outcome outcome)
        : this(name, Wire.Bytes(datagram), outcome)
    {
    }
}
