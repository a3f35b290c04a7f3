using Dht.Engine.Node;

namespace Dht.Engine;

/// <summary>How joining the network went.</summary>
/// <param name="Status">
/// Finished when a node answered; NobodyAnswered when all that could be asked are silent; NobodyKnown when no
/// router, bootstrap node or contact is known, or their names could not be resolved.
/// </param>
/// <param name="Contacts">Contacts in the tables at the end.</param>
/// <param name="Answered">Nodes that answered.</param>
/// <param name="Elapsed">How long it took.</param>
public readonly record struct JoinResult(LookupStatus Status, int Contacts, int Answered, TimeSpan Elapsed)
{
    /// <summary>
    /// How the lookup of our own id went: also who refused, and what the system did not send, where no node answered.
    /// </summary>
    public LookupReport Report { get; init; }

    /// <summary>Whether we are part of a network now.</summary>
    public bool HasJoined => Contacts > 0;
}
