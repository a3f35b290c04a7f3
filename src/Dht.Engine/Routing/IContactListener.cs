using Dht.Engine.Krpc;

namespace Dht.Engine.Routing;

/// <summary>
/// Is notified of contacts that enter and leave a table. Called on the thread that uses the table, in an engine the
/// loop's, after the change is complete: it may call the table back. What it throws goes through to the caller of the
/// table.
/// </summary>
public interface IContactListener
{
    /// <summary>
    /// A contact entered the table: it answered and there was a place, or it took the place of a lost one.
    /// </summary>
    void OnContactFound(in CompactNode contact);

    /// <summary>
    /// A contact left the table: it was silent too often, gave way to another, moved to another endpoint (which is
    /// reported as found next), or lost its place because our id changed.
    /// </summary>
    void OnContactLost(in CompactNode contact);
}
