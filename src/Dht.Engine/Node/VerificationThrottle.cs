using Dht.Engine.Addressing;
using Dht.Engine.Rpc;
using Dht.Engine.Timing;

namespace Dht.Engine.Node;

/// <summary>
/// How often an asker is pinged to prove itself: an address once in five seconds, so that forging one of its ports, or
/// its ids, keeps no other for long; an endpoint that does not answer once a minute, because it may never.
/// </summary>
internal sealed class VerificationThrottle
{
    private readonly AddressThrottle _ofAddress;
    private readonly AddressThrottle _ofEndpoint;

    public VerificationThrottle(AddressThrottle ofAddress, AddressThrottle ofEndpoint)
    {
        _ofAddress = ofAddress;
        _ofEndpoint = ofEndpoint;
    }

    /// <summary>Whether an endpoint may be pinged; counts nothing.</summary>
    public bool HasRoom(in Endpoint endpoint, Instant now) =>
        _ofAddress.HasRoom(endpoint, now) && _ofEndpoint.HasRoom(endpoint, now);

    /// <summary>Counts a ping.</summary>
    public void Count(in Endpoint endpoint, Instant now)
    {
        _ofAddress.TryPass(endpoint, now);
        _ofEndpoint.TryPass(endpoint, now);
    }

    /// <summary>Notes that an endpoint has answered: if it restarts, it need not wait.</summary>
    public void NoteAnswer(in Endpoint endpoint) => _ofEndpoint.Forget(endpoint);
}
