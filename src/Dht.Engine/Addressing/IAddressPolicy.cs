namespace Dht.Engine.Addressing;

/// <summary>
/// Decides where packets may go. It is asked on the send path and for every contact that is learnt, so it must be
/// quick and must not allocate. Bring your own for block lists and opt-out lists; wrap an <see cref="AddressPolicy"/>
/// to keep the bogon rules.
/// </summary>
public interface IAddressPolicy
{
    /// <summary>
    /// Says whether packets may be sent to <paramref name="endpoint"/>, or why not. Called from the engine's loop.
    /// </summary>
    AddressVerdict Check(in Endpoint endpoint);
}
