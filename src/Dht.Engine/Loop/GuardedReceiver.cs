using Dht.Engine.Addressing;
using Dht.Engine.Invariants;
using Dht.Engine.Transport;

namespace Dht.Engine;

/// <summary>A user's receiver behind a guard: whatever it throws is reported, and the loop goes on.</summary>
internal sealed class GuardedReceiver(IDatagramReceiver inner, UserFaults faults) : IDatagramReceiver
{
    public void OnDatagram(ReadOnlySpan<byte> datagram, in Endpoint source, in Endpoint local)
    {
        try
        {
            inner.OnDatagram(datagram, source, local);
        }
        catch (Exception fault) when (fault is not InvariantException)
        {
            faults.Report(fault);
        }
    }
}
