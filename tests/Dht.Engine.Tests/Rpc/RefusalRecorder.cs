using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Tests.Rpc;

/// <summary>Keeps the tickets of what was refused.</summary>
internal sealed class RefusalRecorder : ISendOwner
{
    public List<long> Tickets { get; } = [];

    public void OnRefused(long ticket, Instant now) => Tickets.Add(ticket);
}
