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

    /// <summary>Whether an asker may cause a ping; counts nothing.</summary>
    /// <param name="asker">Where it asked from.</param>
    /// <param name="isItself">Whether it is pinged itself, and not a contact of its site whose place it wants.</param>
    /// <param name="now">The current instant.</param>
    public bool HasRoom(in Endpoint asker, bool isItself, Instant now) =>
        _ofAddress.HasRoom(asker, now) && (!isItself || _ofEndpoint.HasRoom(asker, now));

    /// <summary>Counts a ping.</summary>
    /// <inheritdoc cref="HasRoom"/>
    public void Count(in Endpoint asker, bool isItself, Instant now)
    {
        _ofAddress.TryPass(asker, now);
        if (isItself)
        {
            _ofEndpoint.TryPass(asker, now);
        }
    }

    /// <summary>Notes that an endpoint has answered: if it restarts, it need not wait.</summary>
    public void NoteAnswer(in Endpoint endpoint) => _ofEndpoint.Forget(endpoint);
}
